# mistake: the end lost, full or not
def batches(rows, size):
    found, current = [], []
    for row in rows:
        if len(current) == size:
            found.append(current)
            current = []
        current.append(row)
    return found
