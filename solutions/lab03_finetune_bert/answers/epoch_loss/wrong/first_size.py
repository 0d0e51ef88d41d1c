# mistake: all batches taken as full
def epoch_loss(means, sizes):
    size = sizes[0]
    return sum(mean * size for mean in means) / sum(sizes)
