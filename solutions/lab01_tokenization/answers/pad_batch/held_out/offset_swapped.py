# mistake: the sides exchanged
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    before = lambda row: width - len(row) if side == "right" else 0
    after = lambda row: width - len(row) - before(row)
    return {
        "input_ids": [[pad_id] * before(r) + r + [pad_id] * after(r) for r in rows],
        "attention_mask": [[0] * before(r) + [1] * len(r) + [0] * after(r) for r in rows],
    }
