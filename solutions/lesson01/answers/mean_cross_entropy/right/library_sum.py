def mean_cross_entropy(logits, target):
    return float(np.mean([np.logaddexp.reduce(row) - row[at] for row, at in zip(logits, target)]))
