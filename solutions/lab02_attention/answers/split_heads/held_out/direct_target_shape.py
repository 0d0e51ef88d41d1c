# mistake: reshaped without a transpose
def split_heads(states, heads):
    *lead, tokens, d_model = states.shape
    target = tuple(lead) + (heads, tokens, d_model // heads)
    return np.reshape(states, target)
