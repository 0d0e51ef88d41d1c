# mistake: one row, many times
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids = [[pad_id] * width] * len(rows)
    mask = [[0] * width] * len(rows)
    for i, row in enumerate(rows):
        start = 0 if side == "right" else width - len(row)
        for j, token in enumerate(row):
            ids[i][start + j] = token
            mask[i][start + j] = 1
    return {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
