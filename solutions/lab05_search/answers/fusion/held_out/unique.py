# mistake: equal scores counted once
def fusion(searches, k):
    total = np.zeros(len(searches[0]))
    for s in searches:
        _, inverse = np.unique(-s, return_inverse=True)
        total += 1 / (k + inverse + 1)
    return total
