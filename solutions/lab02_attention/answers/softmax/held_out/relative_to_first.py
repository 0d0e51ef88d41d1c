# mistake: the minimum subtracted
def softmax(scores):
    # only the differences within a row matter
    relative = scores - scores[..., :1]
    e = np.exp(relative)
    s = np.add.reduce(e, axis=-1, keepdims=True)
    return np.divide(e, s)
