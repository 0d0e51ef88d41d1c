# mistake: the pair put in unjoined
def merge(symbols, pair):
    result = ()
    at = 0
    while at < len(symbols):
        window = symbols[at : at + 2]
        if window == pair:
            result = result + (window,)
            at = at + 2
        else:
            result = result + (symbols[at],)
            at = at + 1
    return result
