# mistake: too little precision
def epoch_loss(means, sizes):
    return round(sum(m * s for m, s in zip(means, sizes)) / sum(sizes), 3)
