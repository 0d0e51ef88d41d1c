# mistake: the end lost, full or not
def batches(rows, size):
    found = []
    start = 0
    while start < len(rows) - size:
        found.append(rows[start : start + size])
        start += size
    return found
