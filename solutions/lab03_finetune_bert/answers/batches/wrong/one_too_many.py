# mistake: an empty batch at the end
def batches(rows, size):
    found = []
    for i in range(len(rows) // size + 1):
        found.append(rows[i * size : (i + 1) * size])
    return found
