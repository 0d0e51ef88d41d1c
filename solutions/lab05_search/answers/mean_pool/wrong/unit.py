# mistake: length 1
def mean_pool(hidden, mask):
    v = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
    return v / np.linalg.norm(v, axis=1, keepdims=True)
