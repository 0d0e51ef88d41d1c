# mistake: the variance of a sample
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=-1, keepdims=True)
    variance = x.var(axis=-1, ddof=1, keepdims=True)
    return gain * centered / np.sqrt(variance + epsilon) + bias
