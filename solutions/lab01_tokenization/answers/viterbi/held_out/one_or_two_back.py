# mistake: pieces of at most two letters
def viterbi(word, scores):
    low = -float("inf")
    best = [(0.0, [])]
    for end in range(1, len(word) + 1):
        one = best[end - 1][0] + scores.get(word[end - 1 : end], low)
        choice = (one, best[end - 1][1] + [word[end - 1 : end]])
        if end >= 2:
            two = best[end - 2][0] + scores.get(word[end - 2 : end], low)
            if two > one:
                choice = (two, best[end - 2][1] + [word[end - 2 : end]])
        best.append(choice)
    return best[-1][1]
