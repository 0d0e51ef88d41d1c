# mistake: whole vectors in every head
def split_heads(states, heads):
    *lead, tokens, d_model = states.shape
    out = np.empty((*lead, heads, tokens, d_model))
    for h in range(heads):
        out[..., h, :, :] = states
    return out
