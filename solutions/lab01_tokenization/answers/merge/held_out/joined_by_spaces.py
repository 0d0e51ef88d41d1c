# mistake: a string returned
def merge(symbols, pair):
    parts = []
    i = 0
    while i < len(symbols):
        hit = i + 1 < len(symbols) and symbols[i] == pair[0] and symbols[i + 1] == pair[1]
        parts.append(pair[0] + pair[1] if hit else symbols[i])
        i += 2 if hit else 1
    return " ".join(parts)
