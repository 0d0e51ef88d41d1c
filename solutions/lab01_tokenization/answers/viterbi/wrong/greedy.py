# mistake: the longest piece first
def viterbi(word, scores):
    pieces, start = [], 0
    while start < len(word):
        for end in range(len(word), start, -1):
            if word[start:end] in scores:
                pieces.append(word[start:end])
                start = end
                break
        else:
            return None
    return pieces
