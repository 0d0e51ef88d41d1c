# mistake: in small letters
def wordpiece(word, vocab):
    word = word.lower()
    if len(word) > 100:
        return ["[UNK]"]
    pieces, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            piece = ("##" if at else "") + word[at:end]
            if piece in vocab:
                break
        else:
            return ["[UNK]"]
        pieces.append(piece)
        at = end
    return pieces
