# mistake: mask taken from the ids
def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    ids = np.array([row["input_ids"] + [pad_id] * (longest - len(row["input_ids"])) for row in rows])
    return {"input_ids": ids, "attention_mask": (ids != pad_id).astype(int), "labels": [row["label"] for row in rows]}
