# mistake: not padded
def pad_batch(rows, pad_id, max_length, side):
    batch = {"input_ids": [], "attention_mask": []}
    for row in rows:
        kept = row[:max_length] if len(row) > max_length else row
        batch["input_ids"].append(kept)
        batch["attention_mask"].append([1 for _ in kept])
    return batch
