# mistake: shifted the other way
def next_token_loss(p, ids):
    return -np.log(p[np.arange(1, len(ids)), ids[:-1]]).mean()
