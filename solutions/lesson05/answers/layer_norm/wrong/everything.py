# mistake: over everything
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean()
    return gain * centered / np.sqrt((centered**2).mean() + epsilon) + bias
