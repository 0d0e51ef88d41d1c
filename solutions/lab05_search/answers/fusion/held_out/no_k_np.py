# mistake: k left out
def fusion(searches, k):
    total = np.zeros(len(searches[0]))
    for s in searches:
        place = (s[None, :] >= s[:, None]).sum(axis=1)
        total += 1 / place
    return total
