# mistake: the order decides ties
def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        for place, i in enumerate(np.argsort(s, kind="stable")[::-1], 1):
            fused[i] += 1 / (k + place)
    return fused
