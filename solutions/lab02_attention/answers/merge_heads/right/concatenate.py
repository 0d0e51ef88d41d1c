def merge_heads(states):
    return np.concatenate([states[..., h, :, :] for h in range(states.shape[-3])], axis=-1)
