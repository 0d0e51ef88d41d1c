# mistake: the mean of the places
def rank(scores, right):
    return float(np.mean([1 + sum(s >= scores[i] for j, s in enumerate(scores) if j not in right) for i in right]))
