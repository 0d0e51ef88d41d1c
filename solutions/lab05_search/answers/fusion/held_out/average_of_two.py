# mistake: the mean place of ties
def fusion(searches, k):
    total = np.zeros(len(searches[0]))
    for s in searches:
        worst = (s[None, :] >= s[:, None]).sum(axis=1)
        best = (s[None, :] > s[:, None]).sum(axis=1) + 1
        total += 1 / (k + (worst + best) / 2)
    return total
