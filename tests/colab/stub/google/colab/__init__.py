"""A stand-in for Colab's own package: enough to be recognised."""
