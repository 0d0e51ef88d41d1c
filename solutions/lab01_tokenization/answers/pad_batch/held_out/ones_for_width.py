# mistake: a mask of ones
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(len(row) for row in rows)
    ids = []
    for row in rows:
        while len(row) < width:
            row = row + [pad_id] if side == "right" else [pad_id] + row
        ids.append(row)
    return {"input_ids": ids, "attention_mask": [[1] * width for _ in rows]}
