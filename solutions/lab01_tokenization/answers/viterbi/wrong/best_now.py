# mistake: the best piece now
def viterbi(word, scores):
    pieces = []
    while word:
        fitting = [word[:n] for n in range(1, len(word) + 1) if word[:n] in scores]
        if not fitting:
            return None
        best = max(fitting, key=lambda piece: scores[piece])
        pieces.append(best)
        word = word[len(best):]
    return pieces
