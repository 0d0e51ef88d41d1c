# mistake: the order decides ties
def rank(scores, right):
    order = sorted(range(len(scores)), key=lambda i: scores[i], reverse=True)
    for place, document in enumerate(order, start=1):
        if document in right:
            return place
