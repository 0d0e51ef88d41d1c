# mistake: scores in place of places
def fusion(searches, k):
    fused = [0.0] * len(searches[0])
    for s in searches:
        for i, value in enumerate(s):
            fused[i] += 1 / (k + value)
    return fused
