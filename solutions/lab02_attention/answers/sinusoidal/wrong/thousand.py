# mistake: another base
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    angle = np.arange(tokens)[:, None] / 1000 ** (2 * i / width)
    out = np.zeros((tokens, width))
    out[:, ::2], out[:, 1::2] = np.sin(angle), np.cos(angle)
    return out
