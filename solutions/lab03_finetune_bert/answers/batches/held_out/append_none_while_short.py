# mistake: filled up with None
def batches(rows, size):
    found = []
    for start in range(0, len(rows), size):
        batch = list(rows[start : start + size])
        while len(batch) < size:
            batch.append(None)
        found.append(batch)
    return found
