# mistake: the mask not on the left
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    lengths = np.array([len(row) for row in rows])
    width = lengths.max()
    mask = (np.arange(width) < lengths[:, None]).astype(int)
    ids = np.full(mask.shape, pad_id)
    for line, row in zip(ids, rows):
        if side == "left":
            line[width - len(row) :] = row
        else:
            line[: len(row)] = row
    return {"input_ids": ids, "attention_mask": mask}
