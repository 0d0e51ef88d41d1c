# mistake: a count
def accuracy(predictions, labels):
    hits = np.array(predictions) == np.array(labels)
    return int(hits.sum())
