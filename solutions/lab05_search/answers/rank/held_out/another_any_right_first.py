# mistake: only the first right one
def rank(scores, right):
    target = scores[right[0]]
    return 1 + sum(scores[j] >= target for j in range(len(scores)) if j not in right)
