# mistake: the scores clipped
def softmax(scores):
    limit = 500.0
    safe = np.where(scores > limit, limit, scores)
    safe = np.where(safe < -limit, -limit, safe)
    e = np.exp(safe)
    return e / e.sum(-1, keepdims=True)
