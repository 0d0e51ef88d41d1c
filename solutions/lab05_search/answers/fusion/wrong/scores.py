# mistake: scores in place of places
def fusion(searches, k):
    return [sum(1 / (k + s[i]) for s in searches) for i in range(len(searches[0]))]
