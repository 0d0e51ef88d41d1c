# mistake: ## forgotten in the search
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    pieces = []
    while word:
        size = len(word)
        while size and word[:size] not in vocab:
            size -= 1
        if size == 0:
            return ["[UNK]"]
        pieces.append(word[:size])
        word = word[size:]
    return pieces
