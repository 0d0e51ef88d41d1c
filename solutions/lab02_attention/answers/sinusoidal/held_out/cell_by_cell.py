# mistake: column numbers instead of pairs
def sinusoidal(tokens, width):
    def entry(t, c):
        angle = t / 10000 ** (c / width)
        return math.cos(angle) if c % 2 else math.sin(angle)

    return np.array([[entry(t, c) for c in range(width)] for t in range(tokens)])
