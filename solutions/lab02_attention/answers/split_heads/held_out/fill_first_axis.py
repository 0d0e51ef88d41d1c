# mistake: a list of heads
def split_heads(states, heads):
    size = states.shape[-1] // heads
    out = np.zeros((heads, *states.shape[:-1], size))
    for h in range(heads):
        out[h] = states[..., h * size:(h + 1) * size]
    return out
