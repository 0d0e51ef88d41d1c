# mistake: one row, many times
def collate(rows, pad_id):
    longest = max(len(r["input_ids"]) for r in rows)
    ids = [[pad_id] * longest] * len(rows)
    mask = [[0] * longest] * len(rows)
    for i, r in enumerate(rows):
        for j, x in enumerate(r["input_ids"]):
            ids[i][j], mask[i][j] = x, 1
    return {"input_ids": ids, "attention_mask": mask, "labels": [r["label"] for r in rows]}
