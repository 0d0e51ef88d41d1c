# mistake: batches overlap
def batches(rows, size):
    return [rows[i : i + size + 1] for i in range(0, len(rows), size)]
