def sinusoidal(tokens, width):
    table = []
    for t in range(tokens):
        row = []
        for i in range(width // 2):
            angle = t / 10000 ** (2 * i / width)
            row += [math.sin(angle), math.cos(angle)]
        table.append(row)
    return table
