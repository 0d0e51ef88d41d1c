# mistake: label instead of labels
def collate(rows, pad_id):
    longest = max(map(len, (r["input_ids"] for r in rows)))
    batch = {"input_ids": [], "attention_mask": [], "label": []}
    for r in rows:
        n = len(r["input_ids"])
        batch["input_ids"].append([*r["input_ids"], *[pad_id] * (longest - n)])
        batch["attention_mask"].append([int(k < n) for k in range(longest)])
        batch["label"].append(r["label"])
    return batch
