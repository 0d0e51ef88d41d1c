# mistake: divided by the sizes
def epoch_loss(means, sizes):
    return np.mean([m / s for m, s in zip(means, sizes)])
