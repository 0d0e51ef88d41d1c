# mistake: the longest symbol first
def encode(word, merges):
    vocab = {a + b for a, b in merges}
    out = []
    while word:
        size = len(word)
        while size > 1 and word[:size] not in vocab:
            size -= 1
        out.append(word[:size])
        word = word[size:]
    return out
