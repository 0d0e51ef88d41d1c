# mistake: the shares missing in the sum
def softmax_gradient(weights, upstream):
    result = np.zeros(weights.shape)
    for idx in np.ndindex(weights.shape[:-1]):
        p, g = weights[idx], upstream[idx]
        result[idx] = p * g - p * sum(g)
    return result
