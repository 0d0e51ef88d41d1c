def batches(rows, size):
    found = []
    while rows:
        found.append(tuple(rows[:size]))
        del rows[:size]
    return found
