# mistake: the last symbol lost
def merge(symbols, pair):
    out = []
    skip = False
    for here, following in zip(symbols, symbols[1:]):
        if skip:
            skip = False
        elif (here, following) == pair:
            out.append(here + following)
            skip = True
        else:
            out.append(here)
    return tuple(out)
