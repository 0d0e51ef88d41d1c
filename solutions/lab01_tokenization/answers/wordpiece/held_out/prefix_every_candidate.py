# mistake: ## at the beginning, too
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    out, start = [], 0
    while start < len(word):
        fits = [e for e in range(start + 1, len(word) + 1) if "##" + word[start:e] in vocab]
        if not fits:
            return ["[UNK]"]
        out.append("##" + word[start : fits[-1]])
        start = fits[-1]
    return out
