# mistake: a start that is not low enough
def viterbi(word, scores):
    n = len(word)
    best, back = [0.0] + [-100.0] * n, [0] * (n + 1)
    for end in range(1, n + 1):
        for at in range(end):
            if word[at:end] in scores and best[at] + scores[word[at:end]] > best[end]:
                best[end], back[end] = best[at] + scores[word[at:end]], at
    out, end = [], n
    while end:
        out.append(word[back[end] : end])
        end = back[end]
    return out[::-1]
