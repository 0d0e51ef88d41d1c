# mistake: the logarithm of the shares
def softmax(scores):
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.maximum(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.log(1e-300))
