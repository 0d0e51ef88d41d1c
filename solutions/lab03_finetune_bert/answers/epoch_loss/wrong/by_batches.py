# mistake: divided by the number of batches
def epoch_loss(means, sizes):
    total = 0.0
    for mean, size in zip(means, sizes):
        total += mean * size
    return total / len(means)
