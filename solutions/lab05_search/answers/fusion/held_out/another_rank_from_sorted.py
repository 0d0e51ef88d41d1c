# mistake: places counted from 0
def fusion(searches, k):
    out = [0.0] * len(searches[0])
    for s in searches:
        ordered = sorted(s, reverse=True)
        for i in range(len(s)):
            out[i] += 1 / (k + ordered.index(s[i]))
    return out
