# mistake: labels from 0 and 1 only
def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    ids = [row["input_ids"] + [pad_id] * (longest - len(row["input_ids"])) for row in rows]
    mask = [[int(i < len(row["input_ids"])) for i in range(longest)] for row in rows]
    return {"input_ids": ids, "attention_mask": mask, "labels": [1 if row["label"] else 0 for row in rows]}
