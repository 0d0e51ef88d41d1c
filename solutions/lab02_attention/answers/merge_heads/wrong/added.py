# mistake: heads added up
def merge_heads(states):
    return sum(states[..., i, :, :] for i in range(states.shape[-3]))
