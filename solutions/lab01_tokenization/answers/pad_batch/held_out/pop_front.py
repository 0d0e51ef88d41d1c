# mistake: cut on the left
def pad_batch(rows, pad_id, max_length, side):
    kept = []
    for row in rows:
        row = list(row)
        while len(row) > max_length:
            row.pop(0)
        kept.append(row)
    width = max(len(row) for row in kept)
    ids = np.full((len(kept), width), pad_id)
    mask = np.zeros((len(kept), width), dtype=int)
    for i, row in enumerate(kept):
        where = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        ids[i, where], mask[i, where] = row, 1
    return {"input_ids": ids, "attention_mask": mask}
