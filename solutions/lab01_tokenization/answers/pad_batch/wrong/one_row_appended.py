# mistake: one row, many times
def pad_batch(rows, pad_id, max_length, side):
    cut = [row[0:max_length] for row in rows]
    width = max(len(row) for row in cut)
    line, ones = [pad_id] * width, [0] * width
    ids, mask = [], []
    for row in cut:
        start = 0 if side == "right" else width - len(row)
        line[start : start + len(row)] = row
        ones[start : start + len(row)] = [1] * len(row)
        ids.append(line)
        mask.append(ones)
    return {"input_ids": ids, "attention_mask": mask}
