# mistake: counted from one
def position_ids(mask):
    rows = []
    for row in mask:
        count, out = 0, []
        for value in row:
            count += int(value)
            out.append(count)
        rows.append(out)
    return np.array(rows)
