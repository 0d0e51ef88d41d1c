# mistake: equal rows taken for one
def batches(rows, size):
    found = []
    remaining = list(rows)
    while remaining:
        batch = remaining[:size]
        found.append(batch)
        remaining = [row for row in remaining if row not in batch]
    return found
