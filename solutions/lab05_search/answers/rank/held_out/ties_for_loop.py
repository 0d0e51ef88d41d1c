# mistake: ties counted in its favor
def rank(scores, right):
    best = max(scores[i] for i in right)
    place = 1
    for s in scores:
        if s > best:
            place += 1
    return place
