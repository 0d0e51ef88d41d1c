# mistake: batches overlap
def batches(rows, size):
    found = []
    for start in range(0, len(rows), size):
        last = min(start + size, len(rows) - 1)
        batch = []
        for i in range(start, last + 1):
            batch.append(rows[i])
        found.append(batch)
    return found
