# mistake: the sum over everything
def softmax_gradient(weights, upstream):
    expected = np.vdot(weights, upstream)
    return np.multiply(weights, upstream - expected)
