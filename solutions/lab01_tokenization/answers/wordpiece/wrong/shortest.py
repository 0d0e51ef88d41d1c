# mistake: the shortest match
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    out, i = [], 0
    while i < len(word):
        for j in range(i + 1, len(word) + 1):
            piece = ("##" if i else "") + word[i:j]
            if piece in vocab:
                out.append(piece)
                i = j
                break
        else:
            return ["[UNK]"]
    return out
