# mistake: the logarithm of the shares
def logsumexp(x):
    top = x.max(axis=-1, keepdims=True)
    return top + np.log(np.exp(x - top).sum(axis=-1, keepdims=True))


def softmax(scores):
    return scores - logsumexp(scores)
