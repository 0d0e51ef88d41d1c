# mistake: heads left behind the tokens
def split_heads(states, heads):
    *lead, n, d = states.shape
    return states.reshape(*lead, n, heads, d // heads)
