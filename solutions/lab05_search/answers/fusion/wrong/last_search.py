# mistake: only one search
def fusion(searches, k):
    for s in searches:
        fused = [1 / (k + sum(o >= x for o in s)) for x in s]
    return fused
