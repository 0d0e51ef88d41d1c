# mistake: the last batch lost
def batches(rows, size):
    found, start = [], 0
    while start + size <= len(rows):
        found.append(rows[start : start + size])
        start += size
    return found
