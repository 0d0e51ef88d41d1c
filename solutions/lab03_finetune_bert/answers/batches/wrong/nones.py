# mistake: filled up with None
def batches(rows, size):
    rows = list(rows)
    while len(rows) % size:
        rows.append(None)
    return [rows[i : i + size] for i in range(0, len(rows), size)]
