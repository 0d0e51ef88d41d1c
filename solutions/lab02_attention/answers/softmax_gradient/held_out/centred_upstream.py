# mistake: the mean subtracted
def softmax_gradient(weights, upstream):
    n = upstream.shape[-1]
    average = np.einsum("...k->...", upstream) / n
    centred = upstream - average[..., None]
    return centred * weights
