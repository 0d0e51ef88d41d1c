# mistake: the median
def epoch_loss(means, sizes):
    ordered = sorted(means)
    return ordered[len(ordered) // 2]
