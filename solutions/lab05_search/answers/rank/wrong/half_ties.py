# mistake: not an integer
def rank(scores, right):
    best = max(scores[i] for i in right)
    others = np.delete(scores, right)
    return 1 + int((others > best).sum()) + int((others == best).sum()) / 2
