# mistake: cut along the tokens
def split_heads(states, heads):
    per_head = states.shape[-2] // heads
    groups = [states[..., h * per_head:(h + 1) * per_head, :] for h in range(heads)]
    return np.stack(groups, axis=-3)
