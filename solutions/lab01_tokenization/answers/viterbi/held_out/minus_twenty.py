# mistake: a start that is not low enough
def viterbi(word, scores):
    n = len(word)
    total = np.full(n + 1, -20.0)
    total[0] = 0
    origin = np.zeros(n + 1, dtype=int)
    for end in range(1, n + 1):
        for start in range(end):
            new = total[start] + scores.get(word[start:end], -math.inf)
            if new > total[end]:
                total[end], origin[end] = new, start
    pieces = []
    while n > 0:
        pieces.append(word[origin[n] : n])
        n = origin[n]
    return pieces[::-1]
