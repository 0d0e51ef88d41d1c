def next_token_loss(p, ids):
    total = 0.0
    for row, label in zip(p[:-1], ids[1:]):
        total -= np.log(row[label])
    return total / (len(ids) - 1)
