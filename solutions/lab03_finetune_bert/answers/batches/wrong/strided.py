# mistake: every so many rows
def batches(rows, size):
    n = math.ceil(len(rows) / size)
    return [rows[i::n] for i in range(n)]
