"""What stands behind the lessons and labs: reference algorithms, the way to a checkpoint, pictures, checks."""

__version__ = "0.1.0"
