# mistake: the maximum of everything subtracted
def softmax(scores):
    largest = scores.max()
    e = np.exp(scores - largest)
    total = e.sum(axis=-1, keepdims=True)
    return e / total
