# mistake: not shifted
def next_token_loss(p, ids):
    values = [p[i, ids[i]] for i in range(len(ids))]
    return float(np.mean([-np.log(v) for v in values]))
