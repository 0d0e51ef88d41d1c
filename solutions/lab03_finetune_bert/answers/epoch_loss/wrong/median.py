# mistake: the median
def epoch_loss(means, sizes):
    return np.median(means)
