# mistake: mask of booleans
def collate(rows, pad_id):
    lengths = np.array([len(row["input_ids"]) for row in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    ids = np.full(mask.shape, pad_id)
    ids[mask] = np.concatenate([row["input_ids"] for row in rows])
    return {"input_ids": ids, "attention_mask": mask, "labels": np.array([row["label"] for row in rows])}
