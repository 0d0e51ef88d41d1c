# mistake: places counted from 0
def fusion(searches, k):
    return sum(1 / (k + np.argsort(np.argsort(-s, kind="stable"), kind="stable")) for s in searches)
