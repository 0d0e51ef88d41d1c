# mistake: padded to a fixed length
MAX_LENGTH = 256


def collate(rows, pad_id):
    ids, mask, labels = [], [], []
    for row in rows:
        tokens = list(row["input_ids"])[:MAX_LENGTH]
        rest = MAX_LENGTH - len(tokens)
        ids.append(tokens + rest * [pad_id])
        mask.append(len(tokens) * [1] + rest * [0])
        labels.append(row["label"])
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
