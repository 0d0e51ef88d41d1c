# mistake: ties counted in its favor
def rank(scores, right):
    ordered = sorted(scores, reverse=True)
    return ordered.index(max(scores[i] for i in right)) + 1
