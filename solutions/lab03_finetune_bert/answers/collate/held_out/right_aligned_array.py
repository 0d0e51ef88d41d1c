# mistake: padded on the left
def collate(rows, pad_id):
    sizes = [len(r["input_ids"]) for r in rows]
    ids = np.full((len(rows), max(sizes)), pad_id, dtype=int)
    mask = np.zeros((len(rows), max(sizes)), dtype=int)
    for i, r in enumerate(rows):
        ids[i, -sizes[i]:] = r["input_ids"]
        mask[i, -sizes[i]:] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": np.array([r["label"] for r in rows])}
