# mistake: counted from 0
def rank(scores, right):
    best = max(scores[r] for r in right)
    n = 0
    for i in range(len(scores)):
        if i in right:
            continue
        if scores[i] >= best:
            n += 1
    return n
