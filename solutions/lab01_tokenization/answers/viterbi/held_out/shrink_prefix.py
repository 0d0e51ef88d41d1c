# mistake: the longest piece first
def viterbi(word, scores):
    pieces = []
    while word:
        size = len(word)
        while size > 1 and word[:size] not in scores:
            size -= 1
        pieces.append(word[:size])
        word = word[size:]
    return pieces
