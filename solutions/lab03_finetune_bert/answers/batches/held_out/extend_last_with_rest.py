# mistake: the leftover joined to the last batch
def batches(rows, size):
    full = len(rows) // size
    found = [list(rows[k * size : (k + 1) * size]) for k in range(full)]
    rest = rows[full * size :]
    if found:
        found[-1].extend(rest)
    elif len(rest):
        found.append(list(rest))
    return found
