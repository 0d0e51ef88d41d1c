def fusion(searches, k):
    return sum(1 / (k + (s[None, :] >= s[:, None]).sum(axis=1)) for s in searches)
