# mistake: overlaps skipped
def pair_counts(words):
    counts = {}
    for word, times in words.items():
        last = None
        for k in range(len(word) - 1):
            pair = word[k], word[k + 1]
            if pair == last:
                last = None
                continue
            counts[pair] = counts.get(pair, 0) + times
            last = pair
    return counts
