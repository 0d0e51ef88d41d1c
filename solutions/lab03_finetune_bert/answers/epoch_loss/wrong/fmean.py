# mistake: not allowed
import statistics


def epoch_loss(means, sizes):
    return statistics.fmean(means, weights=sizes)
