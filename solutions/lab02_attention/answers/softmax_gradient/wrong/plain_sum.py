# mistake: the shares missing in the sum
def softmax_gradient(weights, upstream):
    return weights * (upstream - np.sum(upstream, axis=-1, keepdims=True))
