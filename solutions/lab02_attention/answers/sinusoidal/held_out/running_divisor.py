# mistake: another base
def sinusoidal(tokens, width):
    rate = 1e3 ** (2 / width)
    table = np.zeros((tokens, width))
    angle = np.arange(tokens, dtype=float)
    for col in range(0, width, 2):
        table[:, col] = np.sin(angle)
        table[:, col + 1] = np.cos(angle)
        angle = angle / rate
    return table
