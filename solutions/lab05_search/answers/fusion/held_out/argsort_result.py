# mistake: the order returned
def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        fused += 1 / (k + (s[None, :] >= s[:, None]).sum(axis=1))
    return np.argsort(-fused, kind="stable")
