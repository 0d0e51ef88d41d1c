def pad_batch(rows, pad_id, max_length, side):
    batch = {"input_ids": [], "attention_mask": []}
    longest = 0
    for row in rows:
        ids = []
        for token in row:
            if len(ids) < max_length:
                ids.append(token)
        batch["input_ids"].append(ids)
        batch["attention_mask"].append([1] * len(ids))
        longest = max(longest, len(ids))
    for key, value in (("input_ids", pad_id), ("attention_mask", 0)):
        for row in batch[key]:
            while len(row) < longest:
                row.insert(0, value) if side == "left" else row.append(value)
    return batch
