# mistake: the first way stays
def viterbi(word, scores):
    reached = {0: (0.0, [])}
    for start in range(len(word)):
        if start not in reached:
            continue
        total, path = reached[start]
        for end in range(start + 1, len(word) + 1):
            piece = word[start:end]
            if piece in scores:
                reached.setdefault(end, (total + scores[piece], path + [piece]))
    return reached[len(word)][1]
