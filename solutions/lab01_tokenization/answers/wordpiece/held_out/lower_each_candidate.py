# mistake: in small letters
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            piece = word[at:end].lower()
            if at > 0:
                piece = "##" + piece
            if piece in vocab:
                break
        else:
            return ["[UNK]"]
        pieces += [piece]
        at = end
    return pieces
