# mistake: the pair removed
def merge(symbols, pair):
    if len(symbols) == 0:
        return ()
    if symbols[:2] == pair:
        return merge(symbols[2:], pair)
    return (symbols[0],) + merge(symbols[1:], pair)
