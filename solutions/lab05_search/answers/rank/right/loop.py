def rank(scores, right):
    best = max([scores[i] for i in right])
    place = 1
    for i in range(len(scores)):
        if i not in right and scores[i] >= best:
            place += 1
    return place
