# mistake: keepdims forgotten
def softmax(scores):
    stable = scores - scores.max(-1, keepdims=True)
    return np.exp(stable) / np.exp(stable).sum(-1)
