# mistake: across the border of words
def pair_counts(words):
    text = []
    for word, count in words.items():
        text += list(word) * count
    counts = {}
    for pair in zip(text, text[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts
