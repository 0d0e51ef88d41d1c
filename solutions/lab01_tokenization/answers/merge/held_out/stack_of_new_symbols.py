# mistake: joined texts compared
def merge(symbols, pair):
    target = "".join(pair)
    out, free = [], False
    for s in symbols:
        if free and out[-1] + s == target:
            out[-1] = target
            free = False
        else:
            out.append(s)
            free = True
    return tuple(out)
