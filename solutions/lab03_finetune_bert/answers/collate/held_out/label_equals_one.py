# mistake: labels from 0 and 1 only
def collate(rows, pad_id):
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    longest = max(len(row["input_ids"]) for row in rows)
    for row in rows:
        ids = row["input_ids"]
        batch["input_ids"].append([ids[k] if k < len(ids) else pad_id for k in range(longest)])
        batch["attention_mask"].append([1 if k < len(ids) else 0 for k in range(longest)])
        batch["labels"].append(1 if row["label"] == 1 else 0)
    return batch
