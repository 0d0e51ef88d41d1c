# mistake: an empty batch at the end
def batches(rows, size):
    result = []
    part = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            result.append(part)
            part = []
    result.append(part)
    return result
