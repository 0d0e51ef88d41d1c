# mistake: the fewest pieces
def viterbi(word, scores):
    best = [[]] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            if best[start] is not None and word[start:end] in scores:
                new = best[start] + [word[start:end]]
                if best[end] is None or len(new) < len(best[end]):
                    best[end] = new
    return best[-1]
