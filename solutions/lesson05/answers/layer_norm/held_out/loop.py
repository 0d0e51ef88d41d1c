# mistake: over the tokens
def layer_norm(x, gain, bias, epsilon):
    m = np.mean(x, 0)
    return (x - m) / np.sqrt(np.var(x, 0) + epsilon) * gain + bias
