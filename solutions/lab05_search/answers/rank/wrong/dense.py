# mistake: equal scores counted once
def rank(scores, right):
    best = max(scores[i] for i in right)
    return 1 + len({s for s in scores.tolist() if s > best})
