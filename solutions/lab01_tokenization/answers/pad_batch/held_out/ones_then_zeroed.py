# mistake: the mask reversed
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids = np.full((len(rows), width), pad_id)
    mask = np.ones((len(rows), width), dtype=int)
    for i, row in enumerate(rows):
        cols = np.arange(len(row))
        if side == "left":
            cols = cols + width - len(row)
        ids[i, cols] = row
        mask[i, cols] = 0
    return {"input_ids": ids, "attention_mask": mask}
