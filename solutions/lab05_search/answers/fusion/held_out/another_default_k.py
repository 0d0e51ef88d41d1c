# mistake: always 60
def fusion(searches, k=60):
    k = 60
    return [sum(1 / (k + sum(x >= s[i] for x in s)) for s in searches) for i in range(len(searches[0]))]
