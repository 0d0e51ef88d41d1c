# mistake: one vector for the whole batch
def mean_pool(hidden, mask):
    flat = hidden.reshape(-1, hidden.shape[-1])
    m = mask.reshape(-1, 1)
    return (flat * m).sum(axis=0) / m.sum()
