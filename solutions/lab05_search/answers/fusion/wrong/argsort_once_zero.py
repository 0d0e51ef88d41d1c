# mistake: an order taken for places
def fusion(searches, k):
    return sum(1 / (k + np.argsort(-s, kind="stable")) for s in searches)
