# mistake: all batches taken as full
def epoch_loss(means, sizes):
    total = sum(m * s for m, s in zip(means, sizes))
    return total / (len(means) * sizes[0])
