# mistake: the lowest score first
def rank(scores, right):
    order = sorted(range(len(scores)), key=lambda i: scores[i])
    for place, i in enumerate(order, 1):
        if i in right:
            return place
