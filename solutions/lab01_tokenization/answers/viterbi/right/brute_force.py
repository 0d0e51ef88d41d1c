def cuts(word):
    if not word:
        return [[]]
    return [[word[:n]] + rest for n in range(1, len(word) + 1) for rest in cuts(word[n:])]

def viterbi(word, scores):
    allowed = [cut for cut in cuts(word) if all(piece in scores for piece in cut)]
    return max(allowed, key=lambda cut: sum(scores[piece] for piece in cut))
