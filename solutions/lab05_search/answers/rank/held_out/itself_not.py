# mistake: other right ones counted before it
def rank(scores, right):
    places = []
    for i in right:
        ahead = 0
        for j in range(len(scores)):
            if j != i and scores[j] >= scores[i]:
                ahead += 1
        places.append(ahead + 1)
    return min(places)
