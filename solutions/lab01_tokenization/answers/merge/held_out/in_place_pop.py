# mistake: a list returned
def merge(symbols, pair):
    s = list(symbols)
    i = 0
    while i < len(s) - 1:
        if s[i] == pair[0] and s[i + 1] == pair[1]:
            s[i] += s.pop(i + 1)
        i += 1
    return s
