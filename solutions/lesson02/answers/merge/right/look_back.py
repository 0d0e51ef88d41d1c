def merge(word, pair):
    merged, free = [], False
    for symbol in word:
        if free and (merged[-1], symbol) == pair:
            merged[-1] += symbol
            free = False
        else:
            merged.append(symbol)
            free = True
    return tuple(merged)
