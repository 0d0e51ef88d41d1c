# mistake: not shifted
def next_token_loss(p, ids):
    return -np.log(p[np.arange(len(ids)), ids]).mean()
