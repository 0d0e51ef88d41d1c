# mistake: both orders merged
def merge(symbols, pair):
    wanted = sorted(pair)
    result = ()
    i = 0
    while i < len(symbols):
        two = symbols[i : i + 2]
        if sorted(two) == wanted:
            result += (two[0] + two[1],)
            i += 2
        else:
            result += (symbols[i],)
            i += 1
    return result
