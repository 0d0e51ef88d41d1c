# mistake: over everything
def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()
