# mistake: counts itself as before itself
def rank(scores, right):
    best = max(scores[i] for i in right)
    return 1 + int((scores >= best).sum())
