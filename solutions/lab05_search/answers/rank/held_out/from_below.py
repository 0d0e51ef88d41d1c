# mistake: the lowest score first
def rank(scores, right):
    return min(1 + sum(1 for j in range(len(scores)) if scores[j] <= scores[i] and j != i and j not in right) for i in right)
