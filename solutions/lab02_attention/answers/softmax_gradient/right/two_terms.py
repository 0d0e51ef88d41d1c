def softmax_gradient(weights, upstream):
    product = np.multiply(weights, upstream)
    return product - weights * product.sum(axis=-1)[..., np.newaxis]
