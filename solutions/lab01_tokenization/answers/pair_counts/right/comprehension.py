def pair_counts(words):
    pairs = [(tuple(word[i : i + 2]), n) for word, n in words.items() for i in range(len(word) - 1)]
    return {pair: sum(n for other, n in pairs if other == pair) for pair, _ in pairs}
