# mistake: the logarithm is missing
def next_token_loss(p, ids):
    return 1 - p[np.arange(len(ids) - 1), ids[1:]].mean()
