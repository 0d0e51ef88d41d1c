# mistake: not an integer
def rank(scores, right):
    best = scores[right].max()
    others = [s for i, s in enumerate(scores) if i not in right]
    above, tied = sum(s > best for s in others), sum(s == best for s in others)
    return above + 0.5 * tied + 1
