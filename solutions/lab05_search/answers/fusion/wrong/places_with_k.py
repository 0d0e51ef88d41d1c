# mistake: the sum of the places
def fusion(searches, k):
    return [float(sum(k + sum(o >= s[i] for o in s) for s in searches)) for i in range(len(searches[0]))]
