# mistake: not divided
def epoch_loss(means, sizes):
    return float(np.dot(means, sizes))
