# mistake: `return` inside the loop
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    tokens = []
    start = 0
    while start < len(word):
        end = len(word)
        mark = "##" if start else ""
        while end > start and mark + word[start:end] not in vocab:
            end -= 1
        if end == start:
            return ["[UNK]"]
        tokens.append(mark + word[start:end])
        start = end
        return tokens
