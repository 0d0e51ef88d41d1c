# mistake: `return` inside the loop
def epoch_loss(means, sizes):
    total = 0.0
    for mean, size in zip(means, sizes):
        total += mean * size
        return total / sum(sizes)
