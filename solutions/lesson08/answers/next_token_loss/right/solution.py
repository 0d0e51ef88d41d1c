def next_token_loss(p, ids):
    asked = p[np.arange(len(ids) - 1), ids[1:]]
    return -np.log(asked).mean()
