# mistake: the width taken before the cut
def pad_batch(rows, pad_id, max_length, side):
    width = max(len(row) for row in rows)
    ids, mask = [], []
    for row in rows:
        row = row[:max_length]
        n = width - len(row)
        if side == "left":
            ids.append([pad_id] * n + row)
            mask.append([0] * n + [1] * len(row))
        else:
            ids.append(row + [pad_id] * n)
            mask.append([1] * len(row) + [0] * n)
    return {"input_ids": ids, "attention_mask": mask}
