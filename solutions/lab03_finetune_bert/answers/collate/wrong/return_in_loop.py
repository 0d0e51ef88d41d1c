# mistake: `return` inside the loop
def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    batch = {"input_ids": [], "attention_mask": [], "labels": []}
    for row in rows:
        missing = longest - len(row["input_ids"])
        batch["input_ids"].append(row["input_ids"] + [pad_id] * missing)
        batch["attention_mask"].append([1] * len(row["input_ids"]) + [0] * missing)
        batch["labels"].append(row["label"])
        return batch
