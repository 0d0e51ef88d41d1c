# mistake: single letters
def viterbi(word, scores):
    total = [0.0]
    origin = [0]
    for end in range(1, len(word) + 1):
        start = end - 1
        total.append(total[start] + scores.get(word[start:end], -math.inf))
        origin.append(start)
    pieces, end = [], len(word)
    while end > 0:
        pieces.append(word[origin[end] : end])
        end = origin[end]
    return list(reversed(pieces))
