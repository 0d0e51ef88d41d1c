# mistake: one row, many times
def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    blank, empty = [pad_id] * longest, [0] * longest
    ids = [blank for _ in rows]
    mask = [empty for _ in rows]
    for i, row in enumerate(rows):
        for j, token in enumerate(row["input_ids"]):
            ids[i][j] = token
            mask[i][j] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": [row["label"] for row in rows]}
