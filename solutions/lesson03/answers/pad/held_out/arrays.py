# mistake: the mask is read off the ids
def pad(rows, pad_id, side="right"):
    width = max(map(len, rows))
    ids = np.full((len(rows), width), pad_id)
    for k, row in enumerate(rows):
        if side == "right":
            ids[k, : len(row)] = row
        else:
            ids[k, width - len(row) :] = row
    return ids, (ids != pad_id).astype(int)
