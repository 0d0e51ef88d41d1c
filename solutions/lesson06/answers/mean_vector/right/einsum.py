def mean_vector(hidden, mask):
    total = np.einsum("rtw,rt->rw", hidden, mask)
    return total / mask.sum(axis=-1, keepdims=True)
