# mistake: sine and cosine in blocks
def sinusoidal(tokens, width):
    half = width // 2
    table = np.zeros((tokens, width))
    for t in range(tokens):
        for i in range(half):
            a = t / 10000 ** (2 * i / width)
            table[t, i] = math.sin(a)
            table[t, half + i] = math.cos(a)
    return table
