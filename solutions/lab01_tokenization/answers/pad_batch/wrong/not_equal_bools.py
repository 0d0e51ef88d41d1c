# mistake: a mask of booleans
def pad_batch(rows, pad_id, max_length, side):
    width = min(max_length, max(len(r) for r in rows))
    ids = np.full((len(rows), width), pad_id)
    for i, r in enumerate(rows):
        r = r[:max_length]
        if side == "right":
            ids[i, :len(r)] = r
        else:
            ids[i, width - len(r):] = r
    return {"input_ids": ids, "attention_mask": ids != pad_id}
