# mistake: a letter that is no piece
def viterbi(word, scores):
    best = {0: (0, [])}
    for i in range(len(word)):
        for j in range(i + 1, len(word) + 1):
            if word[i:j] in scores:
                s = best[i][0] + scores[word[i:j]]
                if j not in best or s > best[j][0]:
                    best[j] = (s, best[i][1] + [word[i:j]])
    return best[len(word)][1]
