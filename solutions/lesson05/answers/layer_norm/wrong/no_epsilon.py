# mistake: no epsilon
def layer_norm(x, gain, bias, epsilon):
    centered = x - x.mean(axis=-1, keepdims=True)
    with np.errstate(all="ignore"):
        return gain * centered / x.std(axis=-1, keepdims=True) + bias
