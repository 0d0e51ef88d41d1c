def softmax(scores):
    highest = np.max(scores, axis=-1)[..., None]
    return np.exp(scores - highest - np.log(np.exp(scores - highest).sum(-1)[..., None]))
