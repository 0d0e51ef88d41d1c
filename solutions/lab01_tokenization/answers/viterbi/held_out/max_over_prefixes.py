# mistake: the best piece now
def viterbi(word, scores):
    pieces, at = [], 0
    while at < len(word):
        options = {word[at:e]: scores[word[at:e]] for e in range(at + 1, len(word) + 1) if word[at:e] in scores}
        piece = max(options, key=options.get) if options else word[at]
        pieces.append(piece)
        at += len(piece)
    return pieces
