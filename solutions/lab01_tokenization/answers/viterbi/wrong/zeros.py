# mistake: starting from 0
def viterbi(word, scores):
    best = [0.0] + [0.0] * len(word)
    came_from = [0] * (len(word) + 1)
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = word[start:end]
            if piece in scores and best[start] + scores[piece] > best[end]:
                best[end] = best[start] + scores[piece]
                came_from[end] = start
    pieces, end = [], len(word)
    while end > 0:
        pieces.append(word[came_from[end]:end])
        end = came_from[end]
    return pieces[::-1]
