# mistake: padded with 0 whatever pad_id is
def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    ids = np.zeros((len(rows), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        n = len(row["input_ids"])
        ids[i, :n] = row["input_ids"]
        mask[i, :n] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": np.array([row["label"] for row in rows])}
