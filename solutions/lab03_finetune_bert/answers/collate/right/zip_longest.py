from itertools import zip_longest


def collate(rows, pad_id):
    ids = [row["input_ids"] for row in rows]
    columns = zip_longest(*ids, fillvalue=pad_id)
    longest = max(map(len, ids))
    return {"input_ids": [list(r) for r in zip(*columns)],
            "attention_mask": [[int(k < len(i)) for k in range(longest)] for i in ids],
            "labels": [row["label"] for row in rows]}
