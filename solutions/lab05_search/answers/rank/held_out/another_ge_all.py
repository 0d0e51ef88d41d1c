# mistake: other right ones counted before it
def rank(scores, right):
    return min(int(sum(scores >= scores[r])) for r in right)
