# mistake: padded to max_length
def pad_batch(rows, pad_id, max_length, side):
    ids = []
    for row in rows:
        row = row[:max_length]
        pad = [pad_id] * (max_length - len(row))
        ids.append(row + pad if side == "right" else pad + row)
    ids = np.array(ids)
    return {"input_ids": ids, "attention_mask": (ids != pad_id).astype(int)}
