# mistake: 1 / k plus the place
def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        place = (s[None, :] >= s[:, None]).sum(axis=1)
        fused += 1 / k + place
    return fused
