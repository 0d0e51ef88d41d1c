def causal_mask(tokens):
    mask = np.zeros((tokens, tokens), dtype=bool)
    for query in range(tokens):
        mask[query, : query + 1] = True
    return mask
