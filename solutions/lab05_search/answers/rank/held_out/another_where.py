# mistake: the order decides ties
def rank(scores, right):
    order = np.argsort(-scores, kind="stable")
    return int(np.flatnonzero(np.isin(order, right))[0]) + 1
