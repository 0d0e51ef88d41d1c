# mistake: divided by the variance
def layer_norm(x, gain, bias, epsilon):
    y = x - np.mean(x, -1, keepdims=True)
    return y / (np.mean(y * y, -1, keepdims=True) + epsilon) * gain + bias
