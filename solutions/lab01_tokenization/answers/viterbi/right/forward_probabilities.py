def viterbi(word, scores):
    p = {piece: np.exp(score) for piece, score in scores.items()}
    best = {0: (1.0, [])}
    for start in range(len(word)):
        if start not in best:
            continue
        for end in range(start + 1, len(word) + 1):
            piece = word[start:end]
            if piece in p:
                new = best[start][0] * p[piece], best[start][1] + [piece]
                if end not in best or new[0] >= best[end][0]:
                    best[end] = new
    return best[len(word)][1]
