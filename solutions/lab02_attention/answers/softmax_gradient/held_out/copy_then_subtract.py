# mistake: the loss of cross-entropy
def softmax_gradient(weights, upstream):
    target = upstream
    delta = weights.copy()
    delta -= target
    return delta
