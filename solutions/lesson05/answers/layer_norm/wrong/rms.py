# mistake: the mean is not subtracted
def layer_norm(x, gain, bias, epsilon):
    return gain * x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + epsilon) + bias
