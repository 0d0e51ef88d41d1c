# mistake: ids instead of pieces
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    ids, at = [], 0
    while at < len(word):
        lead = "" if at == 0 else "##"
        ends = [e for e in range(at + 1, len(word) + 1) if lead + word[at:e] in vocab]
        if not ends:
            return ["[UNK]"]
        ids.append(vocab.get(lead + word[at : ends[-1]]))
        at = ends[-1]
    return ids
