# mistake: counting from 1
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    angle = np.arange(1, tokens + 1)[:, None] / 10000 ** (2 * i / width)
    out = np.zeros((tokens, width))
    out[:, ::2], out[:, 1::2] = np.sin(angle), np.cos(angle)
    return out
