# mistake: d_head read as the number of heads
def split_heads(states, heads):
    *lead, n, d = states.shape
    return states.reshape(*lead, n, d // heads, heads).swapaxes(-3, -2)
