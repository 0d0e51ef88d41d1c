# mistake: the worst of the right ones
def rank(scores, right):
    worst = min(scores[r] for r in right)
    return len([i for i in range(len(scores)) if i not in right and scores[i] >= worst]) + 1
