"""The algorithms of the course, written to be read: NumPy, the standard library and `regex`, nothing else."""
