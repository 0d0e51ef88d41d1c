# mistake: ids padded, mask not
def collate(rows, pad_id):
    ids = [list(row["input_ids"]) for row in rows]
    mask = [[1 for _ in tokens] for tokens in ids]
    longest = max(len(tokens) for tokens in ids)
    for tokens in ids:
        while len(tokens) < longest:
            tokens.append(pad_id)
    return {"input_ids": ids, "attention_mask": mask, "labels": [row["label"] for row in rows]}
