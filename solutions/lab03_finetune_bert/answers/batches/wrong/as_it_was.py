# mistake: the last batch lost
def batches(rows, size):
    found = []
    for i in range(len(rows) // size):
        found.append(rows[i * size : (i + 1) * size])
    return found
