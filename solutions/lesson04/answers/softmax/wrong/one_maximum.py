# mistake: the maximum of everything subtracted
def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum(axis=-1, keepdims=True)
