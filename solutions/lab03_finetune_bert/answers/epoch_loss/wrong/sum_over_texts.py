# mistake: means added, texts counted
def epoch_loss(means, sizes):
    total = 0.0
    texts = 0
    for mean, size in zip(means, sizes):
        total += mean
        texts += size
    return total / texts
