# mistake: the factor of the shares forgotten
def softmax_gradient(weights, upstream):
    dot = (weights * upstream).sum(-1, keepdims=True)
    return upstream - dot
