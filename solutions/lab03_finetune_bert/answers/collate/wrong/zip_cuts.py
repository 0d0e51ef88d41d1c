# mistake: cut to the shortest row
def collate(rows, pad_id):
    ids = np.array(list(zip(*[row["input_ids"] for row in rows]))).T
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "labels": [row["label"] for row in rows]}
