# mistake: a batch at every row
def batches(rows, size):
    found = []
    while len(rows) > 0:
        found.append(rows[:size])
        rows = rows[1:]
    return found
