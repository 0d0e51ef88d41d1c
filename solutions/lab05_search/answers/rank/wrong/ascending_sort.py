# mistake: the lowest score first
def rank(scores, right):
    order = list(np.argsort(scores, kind="stable"))
    return 1 + min(order.index(i) for i in right)
