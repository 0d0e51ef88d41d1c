# mistake: every so many rows
def batches(rows, size):
    count = math.ceil(len(rows) / size)
    piles = [[] for _ in range(count)]
    for i, row in enumerate(rows):
        piles[i % count].append(row)
    return piles
