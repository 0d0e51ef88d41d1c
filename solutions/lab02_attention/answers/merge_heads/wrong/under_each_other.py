# mistake: heads stacked under each other
def merge_heads(states):
    return np.concatenate([states[..., i, :, :] for i in range(states.shape[-3])], axis=-2)
