def split_heads(states, heads):
    size = states.shape[-1] // heads
    return np.stack([states[..., h * size : (h + 1) * size] for h in range(heads)], axis=-3)
