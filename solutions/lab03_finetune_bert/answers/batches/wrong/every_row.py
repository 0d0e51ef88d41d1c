# mistake: a batch at every row
def batches(rows, size):
    return [rows[i : i + size] for i in range(0, len(rows))]
