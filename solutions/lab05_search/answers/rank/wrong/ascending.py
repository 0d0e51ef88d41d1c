# mistake: the lowest score first
def rank(scores, right):
    best = max(scores[i] for i in right)
    return 1 + sum(1 for i, s in enumerate(scores) if s <= best and i not in right)
