# mistake: divided by all tokens
def mean_pool(hidden, mask):
    masked = np.where(mask[..., None] == 1, hidden, 0)
    return masked.sum(1) / hidden.shape[1]
