def count_pairs(words):
    pairs = {}
    for word in words:
        for one, other in zip(word, word[1:]):
            pairs[one, other] = pairs.get((one, other), 0) + words[word]
    return pairs
