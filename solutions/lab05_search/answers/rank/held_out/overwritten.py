# mistake: only the last right one
def rank(scores, right):
    best = None
    for i in right:
        best = scores[i]
    return 1 + int((np.delete(scores, right) >= best).sum())
