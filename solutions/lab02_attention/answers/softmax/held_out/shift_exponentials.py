# mistake: the maximum subtracted after exp
def softmax(scores):
    e = np.exp(scores)
    e -= np.max(e, axis=-1, keepdims=True)
    return e / np.sum(e, axis=-1, keepdims=True)
