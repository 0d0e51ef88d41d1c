"""Colab's kernels start with this package imported."""

import google.colab  # noqa: F401
