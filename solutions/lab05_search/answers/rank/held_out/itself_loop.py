# mistake: counts itself as before itself
def rank(scores, right):
    best = max(scores[i] for i in right)
    place = 1
    for score in scores:
        if not score < best:
            place += 1
    return place
