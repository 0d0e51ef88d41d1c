# mistake: the last batch left out
def epoch_loss(means, sizes):
    total, texts, i = 0.0, 0, 0
    while i < len(sizes) - 1:
        total += means[i] * sizes[i]
        texts += sizes[i]
        i += 1
    return total / texts if texts else 0.0
