# mistake: the worst of the right ones
def rank(scores, right):
    places = [1 + sum(s >= scores[i] for j, s in enumerate(scores) if j not in right) for i in right]
    return int(max(places))
