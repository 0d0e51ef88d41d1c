def collate(rows, pad_id):
    longest = max(len(row["input_ids"]) for row in rows)
    for row in rows:
        row["attention_mask"] = [1] * len(row["input_ids"])
        while len(row["input_ids"]) < longest:
            row["input_ids"].append(pad_id)
            row["attention_mask"].append(0)
    batch = {name: np.array([row[name] for row in rows], dtype=np.int32) for name in ("input_ids", "attention_mask")}
    return batch | {"labels": tuple(row["label"] for row in rows)}
