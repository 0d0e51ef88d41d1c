# mistake: the order decides ties
def rank(scores, right):
    places = np.argsort(np.argsort(-scores, kind="stable"), kind="stable") + 1
    return int(places[right].min())
