def wordpiece(word, vocab):
    out, i = [], 0
    while len(word) <= 100 and i < len(word):
        for j in range(len(word), i, -1):
            piece = ("##" if i else "") + word[i:j]
            if piece in vocab:
                out.append(piece)
                i = j
                break
        else:
            return ["[UNK]"]
    return out or ["[UNK]"]
