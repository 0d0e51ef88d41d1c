# mistake: long words cut off
def wordpiece(word, vocab):
    limit = min(len(word), 100)
    pieces, at = [], 0
    while at < limit:
        for end in range(limit, at, -1):
            piece = ("##" if pieces else "") + word[at:end]
            if piece in vocab:
                pieces.append(piece)
                at = end
                break
        else:
            return ["[UNK]"]
    return pieces
