# mistake: interleaved heads
def split_heads(states, heads):
    return np.stack([states[..., h::heads] for h in range(heads)], axis=-3)
