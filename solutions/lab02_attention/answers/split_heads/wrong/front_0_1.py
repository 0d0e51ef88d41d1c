# mistake: axes counted from the front
def split_heads(states, heads):
    pieces = states.reshape(*states.shape[:-1], heads, states.shape[-1] // heads)
    return pieces.swapaxes(0, 1)
