# mistake: everybody may look everywhere
def causal_mask(tokens):
    return np.ones((tokens, tokens), dtype=bool)
