# mistake: divided by the number of batches
def epoch_loss(means, sizes):
    totals = np.array(means) * np.array(sizes)
    return float(totals.mean())
