# mistake: the smallest sum
def viterbi(word, scores):
    best = {0: (0.0, [])}
    for end in range(1, len(word) + 1):
        ways = [(best[start][0] + scores[word[start:end]], best[start][1] + [word[start:end]])
                for start in range(end) if start in best and word[start:end] in scores]
        if ways:
            best[end] = min(ways, key=lambda way: way[0])
    return best[len(word)][1]
