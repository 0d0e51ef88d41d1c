# mistake: mask reversed
def collate(rows, pad_id):
    lengths = [len(row["input_ids"]) for row in rows]
    shape = (len(rows), max(lengths))
    ids = np.full(shape, pad_id)
    mask = np.ones(shape, dtype=int)
    for i, (row, n) in enumerate(zip(rows, lengths)):
        ids[i, :n] = row["input_ids"]
        mask[i, :n] = 0
    return {"input_ids": ids, "attention_mask": mask, "labels": [row["label"] for row in rows]}
