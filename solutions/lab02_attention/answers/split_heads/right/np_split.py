def split_heads(states, heads):
    return np.stack(np.split(states, heads, axis=-1), axis=-3)
