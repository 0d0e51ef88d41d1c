"""A package, so that a file here may be called as the one beside it that tests the same without a browser."""
