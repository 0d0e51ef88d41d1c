# mistake: a mask of booleans
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    lengths = np.array([[len(row)] for row in rows])
    place = np.arange(lengths.max())
    if side == "right":
        mask = place < lengths
    else:
        mask = place >= lengths.max() - lengths
    ids = np.full(mask.shape, pad_id)
    ids[mask] = np.concatenate(rows)
    return {"input_ids": ids, "attention_mask": mask}
