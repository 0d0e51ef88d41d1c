# mistake: the order decides ties
def fusion(searches, k):
    fused = [0.0] * len(searches[0])
    for s in searches:
        for place, document in enumerate(sorted(range(len(s)), key=lambda i: s[i], reverse=True), start=1):
            fused[document] += 1 / (k + place)
    return fused
