# mistake: only the first
def merge(tokens, pair):
    for i in range(len(tokens) - 1):
        if tuple(tokens[i : i + 2]) == tuple(pair):
            return [*tokens[:i], "".join(pair), *tokens[i + 2 :]]
    return list(tokens)
