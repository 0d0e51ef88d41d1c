# mistake: not cut
def pad_batch(rows, pad_id, max_length, side):
    width = min(max_length, max(len(r) for r in rows))
    ids, mask = [], []
    for r in rows:
        missing = max(0, width - len(r))
        if side == "right":
            ids.append(list(r) + [pad_id] * missing)
            mask.append([1] * len(r) + [0] * missing)
        else:
            ids.append([pad_id] * missing + list(r))
            mask.append([0] * missing + [1] * len(r))
    return {"input_ids": ids, "attention_mask": mask}
