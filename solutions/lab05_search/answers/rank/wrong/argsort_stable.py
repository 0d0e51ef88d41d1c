# mistake: the order decides ties
def rank(scores, right):
    order = np.argsort(-scores, kind="stable").tolist()
    return 1 + min(order.index(i) for i in right)
