# mistake: the order decides ties
def rank(scores, right):
    order = np.flip(np.argsort(scores, kind="stable"))
    return int(min(np.flatnonzero(order == i)[0] for i in right)) + 1
