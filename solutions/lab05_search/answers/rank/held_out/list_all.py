# mistake: a place for each right one
def rank(scores, right):
    places = (scores[None, :] >= scores[:, None]).sum(axis=1)
    return places[right]
