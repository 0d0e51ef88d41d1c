# mistake: sines only
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    angle = np.arange(tokens)[:, None] / np.power(10000.0, 2 * i / width)
    return np.sin(np.repeat(angle, 2, axis=1))
