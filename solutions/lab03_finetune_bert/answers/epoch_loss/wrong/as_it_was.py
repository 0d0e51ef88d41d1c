# mistake: every batch counts the same
def epoch_loss(means, sizes):
    total = 0.0
    for mean in means:
        total += mean
    return total / len(means)
