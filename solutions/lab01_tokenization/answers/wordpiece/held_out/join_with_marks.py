# mistake: ## put on afterwards
def wordpiece(word, vocab):
    if len(word) > 100:
        return ["[UNK]"]
    parts, rest = [], word
    while rest:
        options = [rest[:k] for k in range(1, len(rest) + 1) if rest[:k] in vocab]
        if not options:
            return ["[UNK]"]
        parts.append(max(options, key=len))
        rest = rest[len(parts[-1]) :]
    return parts[:1] + ["##" + p for p in parts[1:]]
