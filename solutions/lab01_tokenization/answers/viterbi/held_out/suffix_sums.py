# mistake: the sum instead of the pieces
def viterbi(word, scores):
    n = len(word)
    value = [-math.inf] * n + [0.0]
    for at in reversed(range(n)):
        value[at] = max(scores.get(word[at:end], -math.inf) + value[end] for end in range(at + 1, n + 1))
    return value[0]
