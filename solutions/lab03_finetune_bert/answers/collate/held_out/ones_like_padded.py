# mistake: mask of ones
def collate(rows, pad_id):
    width = max(len(r["input_ids"]) for r in rows)
    ids = np.array([r["input_ids"] + [pad_id] * (width - len(r["input_ids"])) for r in rows])
    return {
        "input_ids": ids,
        "attention_mask": np.ones_like(ids),
        "labels": np.array([r["label"] for r in rows]),
    }
