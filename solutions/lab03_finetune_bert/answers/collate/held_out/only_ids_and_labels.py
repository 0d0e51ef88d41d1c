# mistake: no mask
def collate(rows, pad_id):
    longest = 0
    for row in rows:
        if len(row["input_ids"]) > longest:
            longest = len(row["input_ids"])
    ids = np.full((len(rows), longest), pad_id)
    for i, row in enumerate(rows):
        ids[i, : len(row["input_ids"])] = row["input_ids"]
    labels = [row["label"] for row in rows]
    return {"input_ids": ids, "labels": labels}
