# mistake: the sum returned, too
def viterbi(word, scores):
    best = [(0.0, [])]
    for end in range(1, len(word) + 1):
        options = [(-math.inf, [])]
        for start in range(end):
            piece = word[start:end]
            if piece in scores:
                options.append((best[start][0] + scores[piece], best[start][1] + [piece]))
        best.append(max(options))
    return best[-1]
