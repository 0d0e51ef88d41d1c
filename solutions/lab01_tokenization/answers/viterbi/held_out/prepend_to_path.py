# mistake: in reverse order
def viterbi(word, scores):
    best = {0: (0.0, [])}
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = word[start:end]
            if start in best and piece in scores:
                total = best[start][0] + scores[piece]
                if end not in best or total > best[end][0]:
                    best[end] = (total, [piece] + best[start][1])
    return best[len(word)][1]
