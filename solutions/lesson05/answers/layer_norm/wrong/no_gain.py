# mistake: gain or bias is missing
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=-1, keepdims=True)
    return centered / np.sqrt(x.var(axis=-1, keepdims=True) + epsilon) + bias
