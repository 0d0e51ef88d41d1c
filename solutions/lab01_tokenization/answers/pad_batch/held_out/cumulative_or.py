# mistake: padding recognized by its id
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        pad = [pad_id] * (width - len(row))
        line = np.array(row + pad if side == "right" else pad + row)
        real = line != pad_id
        if side == "right":
            seen = np.maximum.accumulate(real[::-1])[::-1]
        else:
            seen = np.maximum.accumulate(real)
        ids.append(line)
        mask.append(seen.astype(int))
    return {"input_ids": np.array(ids), "attention_mask": np.array(mask)}
