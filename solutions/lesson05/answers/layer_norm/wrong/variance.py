# mistake: divided by the variance
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=-1, keepdims=True)
    return gain * centered / (x.var(axis=-1, keepdims=True) + epsilon) + bias
