# mistake: `return` inside the loop
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            piece = word[at:end] if at == 0 else "##" + word[at:end]
            if piece in vocab:
                break
        else:
            return ["[UNK]"]
        pieces.append(piece)
        at = end
        return pieces
