# mistake: keepdims forgotten
def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1))
    return powers / powers.sum(axis=-1)
