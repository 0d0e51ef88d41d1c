# mistake: `return` inside the loop
def pair_counts(words):
    counts = {}
    for word in words.keys():
        n = words[word]
        for i in range(len(word) - 1):
            p = tuple(word[i : i + 2])
            if p not in counts:
                counts[p] = 0
            counts[p] += n
        return counts
