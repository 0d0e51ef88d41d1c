# mistake: padded to max_length
def pad_batch(rows, pad_id, max_length, side):
    ids = np.full((len(rows), max_length), pad_id)
    mask = np.zeros((len(rows), max_length), dtype=int)
    for i, row in enumerate(rows):
        n = min(len(row), max_length)
        start = 0 if side == "right" else max_length - n
        ids[i, start : start + n] = row[:n]
        mask[i, start : start + n] = 1
    return {"input_ids": ids, "attention_mask": mask}
