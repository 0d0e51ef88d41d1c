# mistake: `return` inside the loop
def batches(rows, size):
    out = []
    start = 0
    while start < len(rows):
        out.append(rows[start : start + size])
        start = start + size
        return out
