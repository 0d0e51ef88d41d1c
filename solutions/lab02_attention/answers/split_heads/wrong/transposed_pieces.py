# mistake: d_head and tokens exchanged
def split_heads(states, heads):
    *lead, n, d = states.shape
    x = states.reshape(*lead, n, heads, d // heads)
    return np.moveaxis(x, -3, -1)
