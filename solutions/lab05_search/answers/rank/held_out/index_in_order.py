# mistake: counted from 0
def rank(scores, right):
    best = max(scores[i] for i in right)
    others = np.delete(scores, right)
    return int((others >= best).sum())
