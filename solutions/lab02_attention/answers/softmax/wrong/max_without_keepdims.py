# mistake: keepdims forgotten in the maximum
def softmax(scores):
    e = np.exp(scores - np.amax(scores, axis=-1))
    return e / np.sum(e, axis=-1, keepdims=True)
