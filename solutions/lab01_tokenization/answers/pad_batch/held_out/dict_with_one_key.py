# mistake: only the ids returned
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    if side == "right":
        ids = [row + [pad_id] * (width - len(row)) for row in rows]
    else:
        ids = [[pad_id] * (width - len(row)) + row for row in rows]
    return {"input_ids": np.array(ids)}
