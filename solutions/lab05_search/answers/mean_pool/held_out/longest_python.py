# mistake: one number of tokens for the whole batch
def mean_pool(hidden, mask):
    n = max(int(row.sum()) for row in mask)
    return np.einsum("btw,bt->bw", hidden, mask) / n
