# mistake: in bits
def next_token_loss(p, ids):
    return -np.log2(p[np.arange(len(ids) - 1), ids[1:]]).mean()
