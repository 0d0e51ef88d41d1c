# mistake: epsilon outside the root
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=-1, keepdims=True)
    return gain * centered / (x.std(axis=-1, keepdims=True) + epsilon) + bias
