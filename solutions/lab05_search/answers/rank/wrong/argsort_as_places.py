# mistake: an order taken for places
def rank(scores, right):
    return int(min(np.argsort(-scores)[right])) + 1
