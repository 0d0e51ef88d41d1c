# mistake: pieces of at most two letters
def viterbi(word, scores):
    best = [0.0] + [-math.inf] * len(word)
    came_from = [0] * (len(word) + 1)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 2), end):
            piece = word[start:end]
            if piece in scores and best[start] + scores[piece] > best[end]:
                best[end] = best[start] + scores[piece]
                came_from[end] = start
    pieces, end = [], len(word)
    while end > 0 and best[end] > -math.inf:
        pieces.append(word[came_from[end]:end])
        end = came_from[end]
    return pieces[::-1] if best[-1] > -math.inf else None
