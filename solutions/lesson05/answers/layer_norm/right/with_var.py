def layer_norm(x, gain, bias, epsilon):
    mean, variance = x.mean(-1), x.var(-1)
    return (x - mean[..., None]) * (variance[..., None] + epsilon) ** -0.5 * gain + bias
