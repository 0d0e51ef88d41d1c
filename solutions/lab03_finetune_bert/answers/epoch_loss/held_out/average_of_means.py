# mistake: every batch counts the same
def epoch_loss(means, sizes):
    epoch = 0.0
    for m, s in zip(means, sizes):
        batch_total = m * s
        epoch += batch_total / s
    return epoch / len(sizes)
