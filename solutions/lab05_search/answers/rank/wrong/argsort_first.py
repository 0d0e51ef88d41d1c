# mistake: an order taken for places
def rank(scores, right):
    return int(np.argsort(-scores)[right[0]]) + 1
