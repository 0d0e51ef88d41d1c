# mistake: the count starts at 1
def pair_counts(words):
    found = {}
    for word in words:
        for i in range(len(word) - 1):
            pair = word[i], word[i + 1]
            if pair not in found:
                found[pair] = 1
            found[pair] += words[word]
    return found
