# mistake: mask of booleans
def collate(rows, pad_id):
    lengths = np.array([len(r["input_ids"]) for r in rows])
    mask = np.arange(lengths.max())[None, :] < lengths[:, None]
    ids = np.full(mask.shape, pad_id)
    ids[mask] = np.concatenate([r["input_ids"] for r in rows])
    return {"input_ids": ids, "attention_mask": mask, "labels": np.array([r["label"] for r in rows])}
