# mistake: a mask to be added
def causal_mask(tokens):
    return np.where(np.tril(np.ones((tokens, tokens), dtype=bool)), 0.0, -np.inf)
