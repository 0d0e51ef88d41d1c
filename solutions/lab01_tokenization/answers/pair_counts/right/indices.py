def pair_counts(words):
    found = {}
    for symbols in words:
        i = 1
        while i < len(symbols):
            pair = (symbols[i - 1], symbols[i])
            if pair not in found:
                found[pair] = 0
            found[pair] += words[symbols]
            i += 1
    return found
