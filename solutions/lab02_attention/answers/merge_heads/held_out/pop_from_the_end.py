# mistake: heads in reverse order
def merge_heads(states):
    h = states.shape[-3]
    pieces = []
    while h > 0:
        h -= 1
        pieces.append(states[..., h, :, :])
    return np.concatenate(pieces, axis=-1)
