# mistake: a mask of ones
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        pad = [pad_id] * (width - len(row))
        ones, zeros = [1] * len(row), [0] * (width - len(row))
        if side == "right":
            ids.append(row + pad)
            mask.append(ones + zeros)
        else:
            ids.append(pad + row)
            mask.append(zeros + ones)
    return {"input_ids": np.array(ids), "attention_mask": np.ones((len(rows), width), dtype=int)}
