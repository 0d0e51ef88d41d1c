# mistake: only the last score
def viterbi(word, scores):
    start_of = {0: None}
    for end in range(1, len(word) + 1):
        starts = [s for s in range(end) if s in start_of and word[s:end] in scores]
        if starts:
            start_of[end] = max(starts, key=lambda s: scores[word[s:end]])
    pieces, end = [], len(word)
    while end:
        pieces.append(word[start_of[end] : end])
        end = start_of[end]
    return pieces[::-1]
