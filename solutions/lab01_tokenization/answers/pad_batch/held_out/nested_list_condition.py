# mistake: the mask asks for the padding's id
def pad_batch(rows, pad_id, max_length, side):
    cut = [r[:max_length] for r in rows]
    width = max(map(len, cut))
    ids = []
    for r in cut:
        fill = [pad_id] * (width - len(r))
        ids.append(r + fill if side == "right" else fill + r)
    mask = [[0 if t == pad_id else 1 for t in line] for line in ids]
    return {"input_ids": ids, "attention_mask": mask}
