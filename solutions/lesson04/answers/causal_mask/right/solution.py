def causal_mask(tokens):
    query = np.arange(tokens)[:, None]
    key = np.arange(tokens)[None, :]
    return key <= query
