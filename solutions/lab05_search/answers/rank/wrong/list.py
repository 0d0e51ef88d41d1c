# mistake: a place for each right one
def rank(scores, right):
    return [int((scores >= scores[i]).sum()) for i in right]
