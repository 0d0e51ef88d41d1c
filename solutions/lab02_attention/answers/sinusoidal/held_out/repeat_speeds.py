# mistake: sines only
def sinusoidal(tokens, width):
    pair = np.arange(width) // 2
    speeds = 1 / np.power(10000.0, 2 * pair / width)
    return np.sin(np.outer(np.arange(tokens), speeds))
