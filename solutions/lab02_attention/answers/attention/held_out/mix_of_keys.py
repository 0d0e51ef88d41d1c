# mistake: keys read as values
def attention(query, key, value):
    scores = np.einsum("...id,...jd->...ij", query, key)
    scores /= np.sqrt(query.shape[-1])
    weights = softmax(scores)
    mixed = np.einsum("...ij,...jd->...id", weights, key)
    return mixed, weights
