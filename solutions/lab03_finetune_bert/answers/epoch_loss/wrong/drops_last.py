# mistake: the last batch left out
def epoch_loss(means, sizes):
    total = texts = 0
    for i in range(len(means) - 1):
        total += means[i] * sizes[i]
        texts += sizes[i]
    return total / texts
