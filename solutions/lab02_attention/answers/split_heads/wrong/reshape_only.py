# mistake: reshaped without a transpose
def split_heads(states, heads):
    *lead, n, d = states.shape
    return states.reshape(*lead, heads, n, d // heads)
