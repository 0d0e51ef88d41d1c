from collections import Counter

def fusion(searches, k):
    fused = [0.0] * len(searches[0])
    for s in searches:
        below = Counter(s.tolist())
        place, places = 0, {}
        for value in sorted(below, reverse=True):
            place += below[value]
            places[value] = place
        for i, value in enumerate(s.tolist()):
            fused[i] += 1 / (k + places[value])
    return fused
