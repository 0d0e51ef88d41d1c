# mistake: a string returned
def viterbi(word, scores):
    best = [(0.0, "")] + [(-math.inf, "")] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = word[start:end]
            total = best[start][0] + scores.get(piece, -math.inf)
            if total > best[end][0]:
                best[end] = (total, best[start][1] + " " + piece)
    return best[-1][1].strip()
