# mistake: the worst of the right ones
def rank(scores, right):
    low = min(scores[i] for i in right)
    return 1 + sum(1 for i, s in enumerate(scores) if s >= low and i not in right)
