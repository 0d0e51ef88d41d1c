# mistake: only the last batch
def epoch_loss(means, sizes):
    for mean, size in zip(means, sizes):
        total, texts = 0, 0
        total += mean * size
        texts += size
    return total / texts
