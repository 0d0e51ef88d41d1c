# mistake: ties share the best of their places
def fusion(searches, k):
    return [sum(1 / (k + 1 + sum(o > s[i] for o in s)) for s in searches) for i in range(len(searches[0]))]
