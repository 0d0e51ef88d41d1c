# mistake: summed
def next_token_loss(p, ids):
    total = 0
    for i in range(1, len(ids)):
        total -= np.log(p[i - 1, ids[i]])
    return total
