# mistake: single letters
def viterbi(word, scores):
    pieces = []
    for letter in word:
        pieces.append(letter)
    return pieces
