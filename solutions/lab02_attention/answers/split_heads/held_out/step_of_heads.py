# mistake: d_head read as the number of heads
def split_heads(states, heads):
    pieces, start = [], 0
    while start < states.shape[-1]:
        pieces.append(states[..., start:start + heads])
        start += heads
    return np.stack(pieces, axis=-3)
