# mistake: the factor of the shares forgotten
def softmax_gradient(weights, upstream):
    ds = np.empty(upstream.shape)
    for where in np.ndindex(upstream.shape[:-1]):
        ds[where] = upstream[where] - np.dot(weights[where], upstream[where])
    return ds
