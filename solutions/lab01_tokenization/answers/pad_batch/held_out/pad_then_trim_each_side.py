# mistake: cut on the padding's side
def pad_batch(rows, pad_id, max_length, side):
    width = min(max_length, max(len(r) for r in rows))
    ids, mask = [], []
    for r in rows:
        extra = [pad_id] * width
        if side == "left":
            ids.append((extra + r)[-width:])
            mask.append(([0] * width + [1] * len(r))[-width:])
        else:
            ids.append((r + extra)[:width])
            mask.append(([1] * len(r) + [0] * width)[:width])
    return {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
