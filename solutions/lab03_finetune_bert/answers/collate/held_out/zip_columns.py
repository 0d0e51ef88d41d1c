# mistake: cut to the shortest row
def collate(rows, pad_id):
    columns = list(zip(*[row["input_ids"] for row in rows]))
    ids = np.array(columns).T
    mask = (np.ones(ids.shape)).astype(int)
    labels = np.array([row["label"] for row in rows])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
