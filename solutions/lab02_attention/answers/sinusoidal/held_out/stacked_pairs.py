# mistake: cosine before sine
def sinusoidal(tokens, width):
    freq = 10000.0 ** (-np.arange(0, width, 2) / width)
    a = np.outer(np.arange(tokens), freq)
    return np.stack([np.cos(a), np.sin(a)], axis=-1).reshape(tokens, width)
