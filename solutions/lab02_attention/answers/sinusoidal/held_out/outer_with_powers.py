# mistake: multiplied by the base
def sinusoidal(tokens, width):
    wave = np.logspace(0, 4, width // 2, endpoint=False)
    angles = np.outer(np.arange(tokens), wave)
    table = np.zeros((tokens, width))
    table[:, 0::2] = np.sin(angles)
    table[:, 1::2] = np.cos(angles)
    return table
