# mistake: axis=1
def softmax(scores):
    biggest = np.expand_dims(np.max(scores, 1), 1)
    e = np.exp(scores - biggest)
    total = np.expand_dims(np.sum(e, 1), 1)
    return e / total
