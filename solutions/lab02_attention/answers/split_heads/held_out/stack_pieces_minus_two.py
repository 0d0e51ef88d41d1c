# mistake: heads left behind the tokens
def split_heads(states, heads):
    parts = np.split(states, heads, axis=-1)
    return np.stack(parts, axis=-2)
