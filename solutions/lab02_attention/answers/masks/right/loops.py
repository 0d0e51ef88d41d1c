def masks(attention_mask):
    batch, tokens = attention_mask.shape
    allowed = np.zeros((batch, tokens, tokens), dtype=bool)
    for b in range(batch):
        for q in range(tokens):
            for k in range(q + 1):
                allowed[b, q, k] = attention_mask[b, k] == 1
    return allowed
