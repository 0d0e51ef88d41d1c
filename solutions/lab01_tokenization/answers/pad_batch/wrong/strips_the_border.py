# mistake: padding recognized by its id
def pad_batch(rows, pad_id, max_length, side):
    rows = [row[:max_length] for row in rows]
    width = max(map(len, rows))
    ids, mask = [], []
    for row in rows:
        fill = [pad_id] * (width - len(row))
        line = row + fill if side == "right" else fill + row
        ones = [1] * width
        order = range(width) if side == "left" else range(width - 1, -1, -1)
        for i in order:
            if line[i] != pad_id:
                break
            ones[i] = 0
        ids.append(line)
        mask.append(ones)
    return {"input_ids": ids, "attention_mask": mask}
