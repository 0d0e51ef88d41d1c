# mistake: ties share the best of their places
def fusion(searches, k):
    fused = [0.0] * len(searches[0])
    for s in searches:
        ordered = sorted(s.tolist(), reverse=True)
        for i, score in enumerate(s.tolist()):
            fused[i] += 1 / (k + ordered.index(score) + 1)
    return fused
