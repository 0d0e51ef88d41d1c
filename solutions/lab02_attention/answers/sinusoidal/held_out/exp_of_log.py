# mistake: the factor 2 forgotten
def sinusoidal(tokens, width):
    i = np.arange(width // 2)
    speed = np.exp(-math.log(10000) * i / width)
    angle = np.arange(tokens).reshape(-1, 1) * speed
    pe = np.zeros((tokens, width))
    pe[:, ::2], pe[:, 1::2] = np.sin(angle), np.cos(angle)
    return pe
