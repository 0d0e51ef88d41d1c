def rank(scores, right):
    known = set(right)
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i in known))
    return next(place for place, i in enumerate(order, 1) if i in known)
