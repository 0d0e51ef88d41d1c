# mistake: [UNK] for the letter only
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    out = []
    i = 0
    while i < len(word):
        for j in range(len(word), i, -1):
            piece = word[i:j] if i == 0 else "##" + word[i:j]
            if piece in vocab:
                out.append(piece)
                i = j
                break
        else:
            out.append("[UNK]")
            i += 1
    return out
