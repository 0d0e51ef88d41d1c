# mistake: all batches taken as full
def epoch_loss(means, sizes):
    full = max(sizes)
    total = sum(m * s for m, s in zip(means, sizes))
    return total / (full * len(sizes))
