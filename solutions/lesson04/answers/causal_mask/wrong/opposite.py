# mistake: the opposite meaning
def causal_mask(tokens):
    return np.triu(np.ones((tokens, tokens), dtype=bool), 1)
