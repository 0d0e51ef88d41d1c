# mistake: the mask needs a third axis
def mean_pool(hidden, mask):
    total = np.einsum("btw,bt->bw", hidden, mask)
    count = mask.sum(1)
    return total / count
