# mistake: no limit
def wordpiece(word, vocab):
    pieces, start = [], 0
    while start < len(word):
        candidates = [("##" if start else "") + word[start:end] for end in range(len(word), start, -1)]
        known = [c for c in candidates if c in vocab]
        if not known:
            return ["[UNK]"]
        pieces.append(known[0])
        start += len(known[0]) - (2 if start else 0)
    return pieces
