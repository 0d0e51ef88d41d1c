# mistake: [UNK] for the letter only
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    tokens, i = [], 0
    while i < len(word):
        prefix = "##" if i > 0 else ""
        j = len(word)
        while j > i and prefix + word[i:j] not in vocab:
            j -= 1
        if j == i:
            tokens.append("[UNK]")
            i += 1
        else:
            tokens.append(prefix + word[i:j])
            i = j
    return tokens
