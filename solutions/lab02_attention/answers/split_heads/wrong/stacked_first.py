# mistake: a list of heads
def split_heads(states, heads):
    d = states.shape[-1] // heads
    return np.array([states[..., i * d : (i + 1) * d] for i in range(heads)])
