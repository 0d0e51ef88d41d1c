# mistake: degrees
def sinusoidal(tokens, width):
    table = np.zeros((tokens, width))
    for pos in range(tokens):
        for i in range(width // 2):
            angle = pos / 10000 ** (2 * i / width)
            angle = angle * 180 / math.pi
            table[pos, 2 * i] = math.sin(angle)
            table[pos, 2 * i + 1] = math.cos(angle)
    return table
