# mistake: sine and cosine in blocks
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    angle = np.arange(tokens)[:, None] / np.power(10000.0, 2 * i / width)
    return np.hstack([np.sin(angle), np.cos(angle)])
