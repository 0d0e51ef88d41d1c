def pad_batch(rows, pad_id, max_length, side):
    lengths = np.minimum([len(row) for row in rows], max_length)
    place = np.arange(lengths.max())[None, :]
    if side == "left":
        place = place[:, ::-1]
        mask = place < lengths[:, None]
    else:
        mask = place < lengths[:, None]
    ids = np.full(mask.shape, pad_id)
    ids[mask] = [i for row in rows for i in row[:max_length]]
    return {"attention_mask": mask.astype(np.int32), "input_ids": ids}
