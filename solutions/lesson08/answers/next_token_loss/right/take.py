def next_token_loss(p, ids):
    return np.mean(-np.log(np.take_along_axis(p[:-1], np.asarray(ids)[1:, None], axis=1)))
