# mistake: the mean subtracted
def softmax(scores):
    middle = np.median(scores, axis=-1, keepdims=True)
    e = np.exp(scores - middle)
    return e / e.sum(axis=-1, keepdims=True)
