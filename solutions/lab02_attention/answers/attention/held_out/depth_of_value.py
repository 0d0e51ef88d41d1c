# mistake: scaled by d_v
def attention(query, key, value):
    *_, depth = value.shape
    scaled_query = query / np.sqrt(depth)
    weights = softmax(np.einsum("...id,...jd->...ij", scaled_query, key))
    return weights @ value, weights
