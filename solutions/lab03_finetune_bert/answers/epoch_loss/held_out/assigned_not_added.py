# mistake: only the last batch
def epoch_loss(means, sizes):
    for mean, size in zip(means, sizes):
        total = mean * size
        texts = size
    return total / texts
