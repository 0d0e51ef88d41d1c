# mistake: the leftover joined to the last batch
def batches(rows, size):
    n = max(1, len(rows) // size)
    found = [rows[i * size : (i + 1) * size] for i in range(n)]
    if len(rows) > n * size:
        found[-1] = found[-1] + rows[n * size :]
    return found
