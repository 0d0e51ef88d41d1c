# mistake: always 60
def fusion(searches, k):
    K = 60
    fused = np.zeros(len(searches[0]))
    for s in searches:
        fused += 1 / (K + (s[None, :] >= s[:, None]).sum(axis=1))
    return fused.tolist()
