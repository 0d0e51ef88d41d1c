# mistake: the mean instead of the sum
def cuts(word, scores):
    if word == "":
        yield []
    for n in range(1, len(word) + 1):
        if word[:n] in scores:
            for rest in cuts(word[n:], scores):
                yield [word[:n]] + rest

def viterbi(word, scores):
    return max(cuts(word, scores), key=lambda cut: np.mean([scores[p] for p in cut]))
