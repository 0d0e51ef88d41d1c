# mistake: the mean of the places
def rank(scores, right):
    return float(np.mean([(scores >= scores[i]).sum() for i in right]))
