# mistake: -
def batches(rows, size):
    found = [[] for _ in range(-(-len(rows) // size))]
    for row in rows:
        found[rows.index(row) // size].append(row)
    return [b for b in found if b]
