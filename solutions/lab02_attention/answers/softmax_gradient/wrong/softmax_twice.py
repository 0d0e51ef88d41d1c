# mistake: the softmax applied again
def softmax_gradient(weights, upstream):
    e = np.exp(weights)
    p = e / e.sum(-1, keepdims=True)
    return p * (upstream - (p * upstream).sum(-1, keepdims=True))
