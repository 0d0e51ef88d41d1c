def epoch_loss(means, sizes):
    return np.average(means, weights=sizes)
