# mistake: cosine before sine
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    angle = np.arange(tokens)[:, None] / np.power(10000.0, 2 * i / width)
    out = np.zeros((tokens, width))
    out[:, 1::2], out[:, ::2] = np.sin(angle), np.cos(angle)
    return out
