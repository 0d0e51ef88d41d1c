# mistake: only the first right one
def rank(scores, right):
    return int((scores >= scores[right[0]]).sum())
