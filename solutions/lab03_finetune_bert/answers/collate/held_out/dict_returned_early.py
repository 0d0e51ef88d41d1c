# mistake: `return` inside the loop
def collate(rows, pad_id):
    width = max([len(r["input_ids"]) for r in rows])
    ids, mask, labels = [], [], []
    for r in rows:
        gap = width - len(r["input_ids"])
        ids.append(r["input_ids"] + gap * [pad_id])
        mask.append([1] * (width - gap) + gap * [0])
        labels.append(r["label"])
        return {"input_ids": ids, "attention_mask": mask, "labels": labels}
