# mistake: padded with 0
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(map(len, rows))
    ids = np.zeros((len(rows), width), dtype=int)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        n = len(row)
        if side == "right":
            ids[i, :n], mask[i, :n] = row, 1
        else:
            ids[i, width - n :], mask[i, width - n :] = row, 1
    return {"input_ids": ids, "attention_mask": mask}
