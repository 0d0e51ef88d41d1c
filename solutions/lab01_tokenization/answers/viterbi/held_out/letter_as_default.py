# mistake: a letter that is no piece
def viterbi(word, scores):
    best, back = [0.0], [0]
    for end in range(1, len(word) + 1):
        top, origin = best[end - 1] + scores[word[end - 1]], end - 1
        for start in range(end - 1):
            piece = word[start:end]
            if piece in scores and best[start] + scores[piece] > top:
                top, origin = best[start] + scores[piece], start
        best.append(top)
        back.append(origin)
    pieces, end = [], len(word)
    while end > 0:
        pieces.append(word[back[end] : end])
        end = back[end]
    return pieces[::-1]
