# mistake: the order decides ties
def fusion(searches, k):
    total = 0
    for s in searches:
        places = np.empty(len(s), dtype=int)
        places[np.argsort(-s, kind="stable")] = np.arange(1, len(s) + 1)
        total = total + 1 / (k + places)
    return total
