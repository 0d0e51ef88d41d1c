# mistake: only itself
def causal_mask(tokens):
    return np.eye(tokens, dtype=bool)
