# mistake: mask taken from the ids
def collate(rows, pad_id):
    width = max(len(r["input_ids"]) for r in rows)
    padded = []
    for r in rows:
        ids = list(r["input_ids"])
        while len(ids) < width:
            ids.append(pad_id)
        padded.append(ids)
    padded = np.array(padded)
    return {
        "input_ids": padded,
        "attention_mask": (padded != pad_id).astype(int),
        "labels": np.array([r["label"] for r in rows]),
    }
