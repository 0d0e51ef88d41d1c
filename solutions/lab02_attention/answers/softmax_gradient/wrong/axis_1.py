# mistake: axis=1
def softmax_gradient(weights, upstream):
    inner = weights * upstream
    return inner - weights * inner.sum(axis=1, keepdims=True)
