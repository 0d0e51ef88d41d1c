# mistake: numbers in place of booleans
def causal_mask(tokens):
    return np.tril(np.ones((tokens, tokens), dtype=int))
