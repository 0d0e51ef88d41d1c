# mistake: equal rows taken for one
def batches(rows, size):
    rows = [r for i, r in enumerate(rows) if r not in rows[:i]]
    return [rows[i : i + size] for i in range(0, len(rows), size)]
