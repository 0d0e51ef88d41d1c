# mistake: `return` inside the loop
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        pad = width - len(row)
        if side == "right":
            ids.append(row + [pad_id] * pad)
            mask.append([1] * len(row) + [0] * pad)
        else:
            ids.append([pad_id] * pad + row)
            mask.append([0] * pad + [1] * len(row))
        return {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
