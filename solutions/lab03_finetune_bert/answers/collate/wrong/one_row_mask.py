# mistake: one row, many times
def collate(rows, pad_id):
    n = max(len(r["input_ids"]) for r in rows)
    line = [0] * n
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    for r in rows:
        ids = r["input_ids"]
        batch["input_ids"].append(ids + [pad_id] * (n - len(ids)))
        line[:] = [1] * len(ids) + [0] * (n - len(ids))
        batch["attention_mask"].append(line)
        batch["labels"].append(r["label"])
    return batch
