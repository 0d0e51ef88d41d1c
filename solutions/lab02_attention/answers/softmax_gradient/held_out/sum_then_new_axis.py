# mistake: axis=1
def softmax_gradient(weights, upstream):
    product = weights * upstream
    per_row = product.sum(1)[:, None]
    return product - weights * per_row
