# mistake: the logarithm of the mean
def next_token_loss(p, ids):
    return -np.log(p[np.arange(len(ids) - 1), ids[1:]].mean())
