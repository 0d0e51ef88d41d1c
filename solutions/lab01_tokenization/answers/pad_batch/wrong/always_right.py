# mistake: side ignored
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    longest = max(map(len, rows))
    return {
        "input_ids": [row + [pad_id] * (longest - len(row)) for row in rows],
        "attention_mask": [[1] * len(row) + [0] * (longest - len(row)) for row in rows],
    }
