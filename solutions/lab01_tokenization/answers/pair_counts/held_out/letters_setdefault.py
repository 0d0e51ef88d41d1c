# mistake: symbols instead of pairs
def pair_counts(words):
    occurrences = {}
    for word in words:
        for s in word:
            occurrences.setdefault(s, 0)
            occurrences[s] += words[word]
    return occurrences
