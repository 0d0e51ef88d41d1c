def epoch_loss(means, sizes):
    total, texts = 0.0, 0
    for mean, size in zip(means, sizes):
        total += mean * size
        texts += size
    return total / texts
