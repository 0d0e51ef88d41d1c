# mistake: other right ones counted before it
def rank(scores, right):
    best = max(scores[i] for i in right)
    return int((scores >= best).sum())
