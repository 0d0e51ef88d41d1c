# mistake: looks ahead
def causal_mask(tokens):
    query, key = np.indices((tokens, tokens))
    return key >= query
