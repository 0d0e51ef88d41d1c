# mistake: the sum of the places
def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        fused += k + (s[None, :] >= s[:, None]).sum(axis=1)
    return fused
