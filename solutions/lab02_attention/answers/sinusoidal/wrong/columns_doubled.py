# mistake: column numbers doubled
def sinusoidal(tokens, width):
    out = np.zeros((tokens, width))
    for t in range(tokens):
        for c in range(width):
            a = t / 10000 ** (2 * c / width)
            out[t, c] = math.sin(a) if c % 2 == 0 else math.cos(a)
    return out
