# mistake: one row, many times
def pad_batch(rows, pad_id, max_length, side):
    rows = [r[:max_length] for r in rows]
    width = max(map(len, rows))
    ids = [[pad_id] * width] * len(rows)
    mask = [[0] * width] * len(rows)
    for i, row in enumerate(rows):
        for j, x in enumerate(row):
            at = j if side == "right" else width - len(row) + j
            ids[i][at] = x
            mask[i][at] = 1
    return {"input_ids": ids, "attention_mask": mask}
