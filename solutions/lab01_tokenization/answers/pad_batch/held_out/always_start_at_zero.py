# mistake: side ignored
def pad_batch(rows, pad_id, max_length, side):
    lengths = [min(len(r), max_length) for r in rows]
    ids = np.full((len(rows), max(lengths)), pad_id)
    mask = np.zeros_like(ids)
    for i, n in enumerate(lengths):
        ids[i, :n] = rows[i][:n]
        mask[i, :n] = 1
    return {"input_ids": ids, "attention_mask": mask}
