# mistake: not allowed
def rank(scores, right):
    from scipy.stats import rankdata
    keep = [i for i in range(len(scores)) if i not in right] + [max(right, key=lambda i: scores[i])]
    return int(rankdata(-scores[keep], method="max")[-1])
