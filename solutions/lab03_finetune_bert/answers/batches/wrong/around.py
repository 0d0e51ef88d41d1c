# mistake: filled up from the start
def batches(rows, size):
    n = math.ceil(len(rows) / size)
    return [[rows[(i * size + k) % len(rows)] for k in range(size)] for i in range(n)]
