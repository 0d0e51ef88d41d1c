# mistake: divided by the number of searches
def fusion(searches, k):
    return [sum(1 / (k + sum(o >= s[i] for o in s)) for s in searches) / len(searches) for i in range(len(searches[0]))]
