# mistake: the worst of the right ones
def rank(scores, right):
    return max(int((scores >= scores[i]).sum()) for i in right)
