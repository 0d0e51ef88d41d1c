# mistake: only the last right one
def rank(scores, right):
    for i in right:
        place = 1 + sum(1 for j, s in enumerate(scores) if s >= scores[i] and j not in right)
    return place
