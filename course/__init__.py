"""What authors use: running, comparing and linting notebooks, kernels, Colab badges. No lesson imports it."""
