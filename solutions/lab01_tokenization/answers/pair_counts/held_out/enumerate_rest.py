# mistake: all pairs, not only neighbors
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for i, left in enumerate(word):
            for right in word[i + 1 :]:
                counts[left, right] = counts.get((left, right), 0) + n
    return counts
