# mistake: nothing merged
def merge(symbols, pair):
    joined = pair[0] + pair[1]
    return tuple(joined if symbol == pair else symbol for symbol in symbols)
