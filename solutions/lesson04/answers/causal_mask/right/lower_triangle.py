def causal_mask(tokens):
    return np.tril(np.ones((tokens, tokens), dtype=bool))
