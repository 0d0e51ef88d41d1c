# mistake: `return` inside the loop
def pad_batch(rows, pad_id, max_length, side):
    batch = {"input_ids": [], "attention_mask": []}
    width = min(max_length, max(len(r) for r in rows))
    for r in rows:
        r = r[:width]
        gap = width - len(r)
        if side == "left":
            batch["input_ids"].append([pad_id] * gap + r)
            batch["attention_mask"].append([0] * gap + [1] * len(r))
        else:
            batch["input_ids"].append(r + [pad_id] * gap)
            batch["attention_mask"].append([1] * len(r) + [0] * gap)
        return batch
