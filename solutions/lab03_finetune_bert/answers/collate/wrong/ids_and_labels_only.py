# mistake: no mask
def collate(rows, pad_id):
    batch = {"input_ids": [list(row["input_ids"]) for row in rows], "labels": [row["label"] for row in rows]}
    longest = max(map(len, batch["input_ids"]))
    for ids in batch["input_ids"]:
        while len(ids) < longest:
            ids.append(pad_id)
    return batch
