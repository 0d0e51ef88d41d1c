# mistake: places counted from 0
def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        for place, i in enumerate(np.argsort(-s, kind="stable")):
            fused[i] += 1 / (k + place)
    return fused
