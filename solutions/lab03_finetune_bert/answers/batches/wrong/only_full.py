# mistake: the last batch lost
def batches(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows), size) if i + size <= len(rows)]
