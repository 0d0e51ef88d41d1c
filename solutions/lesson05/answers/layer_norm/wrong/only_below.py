# mistake: the mean is not subtracted
def layer_norm(x, gain, bias, epsilon):
    deviation = np.sqrt(x.var(axis=-1, keepdims=True) + epsilon)
    return gain * x / deviation + bias
