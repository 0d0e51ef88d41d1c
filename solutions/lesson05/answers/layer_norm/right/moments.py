def layer_norm(x, gain, bias, epsilon):
    mean = np.sum(x, axis=-1, keepdims=True) / x.shape[-1]
    spread = np.sum(x * x, axis=-1, keepdims=True) / x.shape[-1] - mean**2
    return gain * ((x - mean) / np.sqrt(spread + epsilon)) + bias
