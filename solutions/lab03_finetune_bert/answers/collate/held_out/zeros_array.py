# mistake: padded with 0 whatever pad_id is
def collate(rows, pad_id):
    width = max(len(r["input_ids"]) for r in rows)
    ids = np.zeros((len(rows), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for k, r in enumerate(rows):
        n = len(r["input_ids"])
        ids[k, :n] = r["input_ids"]
        mask[k, :n] = 1
    return dict(input_ids=ids, attention_mask=mask, labels=np.array([r["label"] for r in rows]))
