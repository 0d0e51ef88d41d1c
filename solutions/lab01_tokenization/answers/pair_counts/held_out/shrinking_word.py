# mistake: the last symbol alone
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        rest = word
        while rest:
            head = rest[:2]
            counts[head] = counts.get(head, 0) + n
            rest = rest[1:]
    return counts
