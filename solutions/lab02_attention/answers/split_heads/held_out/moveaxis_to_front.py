# mistake: axes counted from the front
def split_heads(states, heads):
    d_head = states.shape[-1] // heads
    cut = states.reshape(states.shape[:-1] + (heads, d_head))
    return np.moveaxis(cut, 1, 0)
