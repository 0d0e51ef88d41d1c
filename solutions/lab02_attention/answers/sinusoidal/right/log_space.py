def sinusoidal(tokens, width):
    speed = np.exp(-math.log(10000) * np.arange(0, width, 2) / width)
    angle = np.outer(np.arange(tokens), speed)
    return np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(tokens, width)
