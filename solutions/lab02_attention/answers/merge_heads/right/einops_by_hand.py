def merge_heads(states):
    *lead, h, n, d = states.shape
    out = np.empty((*lead, n, h * d))
    for i in range(h):
        out[..., i * d : (i + 1) * d] = states[..., i, :, :]
    return out
