def wordpiece(word, vocab):
    unknown = ["[UNK]"]
    if len(word) > 100:
        return unknown
    rest, out = word, []
    while rest not in ("", "##"):
        piece = rest
        while piece not in vocab:
            piece = piece[:-1]
            if piece in ("", "##", "#"):
                return unknown
        out.append(piece)
        rest = "##" + rest[len(piece):]
    return out
