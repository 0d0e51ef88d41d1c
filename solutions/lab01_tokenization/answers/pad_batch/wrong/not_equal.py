# mistake: the mask asks for the padding's id
def pad_batch(rows, pad_id, max_length, side):
    width = min(max(len(row) for row in rows), max_length)
    ids = np.full((len(rows), width), pad_id)
    for i, row in enumerate(rows):
        row = row[:max_length]
        if side == "right":
            ids[i, : len(row)] = row
        else:
            ids[i, width - len(row) :] = row
    mask = np.where(ids == pad_id, 0, 1)
    return {"input_ids": ids, "attention_mask": mask}
