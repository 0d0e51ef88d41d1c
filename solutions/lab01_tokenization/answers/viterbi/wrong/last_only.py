# mistake: only the last score
def viterbi(word, scores):
    best = {0: (0.0, [])}
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = word[start:end]
            if start in best and piece in scores:
                if end not in best or scores[piece] > best[end][0]:
                    best[end] = (scores[piece], best[start][1] + [piece])
    return best[len(word)][1]
