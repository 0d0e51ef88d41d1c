# mistake: ## put on afterwards
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces = []
    while word:
        n = len(word)
        while n > 0 and word[:n] not in vocab:
            n -= 1
        if n == 0:
            return ["[UNK]"]
        pieces.append("##" + word[:n] if pieces else word[:n])
        word = word[n:]
    return pieces
