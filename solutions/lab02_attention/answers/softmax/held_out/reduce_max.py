# mistake: keepdims forgotten in the maximum
def softmax(scores):
    row_max = np.maximum.reduce(scores, axis=-1)
    numerator = np.exp(np.subtract(scores, row_max))
    denominator = numerator.sum(-1)[..., None]
    return numerator / denominator
