# mistake: `return` inside the loop
def batches(rows, size):
    found = []
    for i in range(0, len(rows), size):
        found.append(rows[i : i + size])
        return found
