# mistake: every batch counts the same
def epoch_loss(means, sizes):
    return np.mean(means)
