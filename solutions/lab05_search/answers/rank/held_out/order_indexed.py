# mistake: an order taken for places
def rank(scores, right):
    places = 1 + np.argsort(-np.asarray(scores), kind="stable")
    return min(int(places[i]) for i in right)
