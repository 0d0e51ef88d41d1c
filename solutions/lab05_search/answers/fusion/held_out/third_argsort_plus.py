# mistake: an order taken for places
def fusion(searches, k):
    total = np.zeros(len(searches[0]))
    for s in searches:
        ranks = np.argsort(-s, kind="stable") + 1
        total = total + 1 / (ranks + k)
    return total
