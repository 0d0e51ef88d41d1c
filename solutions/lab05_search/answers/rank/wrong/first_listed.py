# mistake: only the first right one
def rank(scores, right):
    best = scores[right[0]]
    return 1 + sum(1 for i, s in enumerate(scores) if s >= best and i not in right)
