# mistake: over everything
def softmax(scores):
    flat = scores.ravel()
    biggest = max(flat)
    exps = [math.exp(s - biggest) for s in flat]
    total = sum(exps)
    return np.array([e / total for e in exps]).reshape(scores.shape)
