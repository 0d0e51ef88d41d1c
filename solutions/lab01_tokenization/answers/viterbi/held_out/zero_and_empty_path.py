# mistake: starting from 0
def viterbi(word, scores):
    best = [0.0 for _ in range(len(word) + 1)]
    path = [[] for _ in range(len(word) + 1)]
    for start in range(len(word)):
        for end in range(start + 1, len(word) + 1):
            piece = word[start:end]
            if piece in scores and best[start] + scores[piece] > best[end]:
                best[end] = best[start] + scores[piece]
                path[end] = path[start] + [piece]
    return path[-1]
