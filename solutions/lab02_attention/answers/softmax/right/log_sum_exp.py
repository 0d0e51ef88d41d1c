def softmax(scores):
    m = scores.max(axis=-1, keepdims=True)
    return np.exp(scores - (m + np.log(np.exp(scores - m).sum(axis=-1, keepdims=True))))
