# mistake: the order returned
def fusion(searches, k):
    fused = [sum(1 / (k + sum(o >= s[i] for o in s)) for s in searches) for i in range(len(searches[0]))]
    return sorted(range(len(fused)), key=lambda i: -fused[i])
