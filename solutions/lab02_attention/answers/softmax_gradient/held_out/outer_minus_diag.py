# mistake: sign reversed
def softmax_gradient(weights, upstream):
    p = weights[..., :, None]
    jac = p * weights[..., None, :] - p * np.eye(weights.shape[-1])
    return np.einsum("...ij,...j->...i", jac, upstream)
