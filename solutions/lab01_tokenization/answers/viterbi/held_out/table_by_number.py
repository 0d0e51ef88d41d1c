# mistake: the mean instead of the sum
def viterbi(word, scores):
    table = [{} for _ in range(len(word) + 1)]
    table[0][0] = (0.0, [])
    for end in range(1, len(word) + 1):
        for start in range(end):
            piece = word[start:end]
            if piece not in scores:
                continue
            for k, (total, pieces) in table[start].items():
                new = (total + scores[piece], pieces + [piece])
                table[end][k + 1] = max(table[end].get(k + 1, new), new)
    k = max(table[-1], key=lambda k: table[-1][k][0] / k)
    return table[-1][k][1]
