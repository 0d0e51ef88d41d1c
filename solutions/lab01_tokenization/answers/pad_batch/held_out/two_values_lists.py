# mistake: a tuple returned
def pad_batch(rows, pad_id, max_length, side):
    input_ids, attention_mask = [], []
    width = min(max_length, max(len(r) for r in rows))
    for r in rows:
        n = min(len(r), width)
        ids, ones = r[:n], [1] * n
        pad, zeros = [pad_id] * (width - n), [0] * (width - n)
        input_ids.append(ids + pad if side == "right" else pad + ids)
        attention_mask.append(ones + zeros if side == "right" else zeros + ones)
    return np.array(input_ids), np.array(attention_mask)
