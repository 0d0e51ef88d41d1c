def sinusoidal(tokens, width):
    column = np.arange(width)
    angle = np.arange(tokens)[:, None] / 10000 ** ((column - column % 2) / width)
    return np.sin(angle + (column % 2) * np.pi / 2)
