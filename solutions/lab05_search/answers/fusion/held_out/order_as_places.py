# mistake: an order taken for places
def fusion(searches, k):
    fused = [0.0] * len(searches[0])
    for s in searches:
        order = sorted(range(len(s)), key=lambda i: -s[i])
        for i, place in enumerate(order):
            fused[i] += 1 / (k + place + 1)
    return fused
