# mistake: over the tokens
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=0, keepdims=True)
    variance = (centered**2).mean(axis=0, keepdims=True)
    return gain * centered / np.sqrt(variance + epsilon) + bias
