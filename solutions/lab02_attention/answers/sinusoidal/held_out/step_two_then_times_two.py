# mistake: column numbers doubled
def sinusoidal(tokens, width):
    out = np.zeros((tokens, width))
    t = np.arange(tokens)
    for i in range(0, width, 2):
        angle = t / 10000 ** (2 * i / width)
        out[:, i] = np.sin(angle)
        out[:, i + 1] = np.cos(angle)
    return out
