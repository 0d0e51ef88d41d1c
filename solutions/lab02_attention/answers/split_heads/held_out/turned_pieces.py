# mistake: d_head and tokens exchanged
def split_heads(states, heads):
    turned = np.swapaxes(states, -1, -2)
    *lead, d_model, tokens = turned.shape
    return turned.reshape(*lead, heads, d_model // heads, tokens)
