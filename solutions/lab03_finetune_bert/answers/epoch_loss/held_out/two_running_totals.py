# mistake: means added, texts counted
def epoch_loss(means, sizes):
    total, texts = 0.0, 0
    for i in range(len(means)):
        total += means[i]
        texts += sizes[i]
    return total / texts
