# mistake: ## missing in the result
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    found, rest = [], word
    while rest:
        mark = "##" if found else ""
        n = next((k for k in range(len(rest), 0, -1) if mark + rest[:k] in vocab), 0)
        if n == 0:
            return ["[UNK]"]
        found.append(rest[:n])
        rest = rest[n:]
    return found
