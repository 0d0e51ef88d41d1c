# mistake: counting from 1
def sinusoidal(tokens, width):
    rows = []
    for t in range(1, tokens + 1):
        row = []
        for i in range(width // 2):
            angle = t / 10000 ** (2 * i / width)
            row += [math.sin(angle), math.cos(angle)]
        rows.append(row)
    return np.array(rows)
