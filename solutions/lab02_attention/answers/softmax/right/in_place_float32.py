def softmax(scores):
    scores -= scores.max(axis=-1, keepdims=True)
    scores = scores.astype(np.float32)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1)[..., None]
    return scores
