# mistake: across the border of words
def pair_counts(words):
    result = {}
    previous = None
    for word, freq in words.items():
        for symbol in word:
            if previous is not None:
                key = (previous, symbol)
                result[key] = result.get(key, 0) + freq
            previous = symbol
    return result
