# mistake: equal scores counted once
def rank(scores, right):
    values = np.unique(scores)[::-1]
    return int(np.where(values == scores[right].max())[0][0]) + 1
