# mistake: interleaved heads
def split_heads(states, heads):
    result = []
    for h in range(heads):
        result.append(states[..., h::heads])
    return np.stack(result, axis=-3)
