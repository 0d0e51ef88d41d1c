# mistake: the width taken before the cut
def pad_batch(rows, pad_id, max_length, side):
    longest = 0
    for row in rows:
        longest = max(longest, len(row))
    ids = np.full((len(rows), longest), pad_id)
    mask = np.zeros((len(rows), longest), dtype=int)
    for i, row in enumerate(rows):
        row = row[:max_length]
        first = 0 if side == "right" else longest - len(row)
        ids[i, first : first + len(row)] = row
        mask[i, first : first + len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}
