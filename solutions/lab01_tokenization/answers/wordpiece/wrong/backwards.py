# mistake: from the right end
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    out, end = [], len(word)
    while end > 0:
        for start in range(end):
            piece = word[start:end] if start == 0 else "##" + word[start:end]
            if piece in vocab:
                out.append(piece)
                end = start
                break
        else:
            return ["[UNK]"]
    return out[::-1]
