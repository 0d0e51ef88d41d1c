from fractions import Fraction

def epoch_loss(means, sizes):
    return float(sum(Fraction(m) * s for m, s in zip(means, sizes)) / sum(sizes))
