# mistake: places counted from 0
def fusion(searches, k):
    return [sum(1 / (k + sum(o >= s[i] for o in s) - 1) for s in searches) for i in range(len(searches[0]))]
