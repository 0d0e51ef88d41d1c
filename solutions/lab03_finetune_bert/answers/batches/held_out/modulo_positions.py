# mistake: filled up from the start
def batches(rows, size):
    n = len(rows)
    return [[rows[(start + k) % n] for k in range(size)] for start in range(0, n, size)]
