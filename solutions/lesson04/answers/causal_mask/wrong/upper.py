# mistake: looks ahead
def causal_mask(tokens):
    return np.triu(np.ones((tokens, tokens), dtype=bool))
