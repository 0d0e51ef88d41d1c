# mistake: the fewest pieces
def viterbi(word, scores):
    cuts = {0: []}
    for end in range(1, len(word) + 1):
        options = [cuts[s] + [word[s:end]] for s in cuts if word[s:end] in scores]
        if options:
            cuts[end] = min(options, key=len)
    return cuts[len(word)]
