# mistake: only one search
def fusion(searches, k):
    s = searches[0]
    return [1 / (k + sum(o >= x for o in s)) for x in s]
