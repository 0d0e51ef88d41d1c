def pad(rows, pad_id, side="right"):
    width = max(len(row) for row in rows)
    ids, mask = np.full((len(rows), width), pad_id), np.zeros((len(rows), width), dtype=int)
    for k, row in enumerate(rows):
        place = slice(0, len(row)) if side == "right" else slice(width - len(row), width)
        ids[k, place], mask[k, place] = row, 1
    return ids, mask
