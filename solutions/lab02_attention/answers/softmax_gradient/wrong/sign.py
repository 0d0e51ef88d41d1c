# mistake: sign reversed
def softmax_gradient(weights, upstream):
    return weights * ((weights * upstream).sum(-1, keepdims=True) - upstream)
