def merge(symbols, pair):
    if not symbols:
        return ()
    if tuple(symbols[:2]) == tuple(pair):
        return (symbols[0] + symbols[1],) + tuple(merge(symbols[2:], pair))
    return (symbols[0],) + tuple(merge(symbols[1:], pair))
