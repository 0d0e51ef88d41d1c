# mistake: 1 / place returned
def rank(scores, right):
    others = np.delete(scores, right)
    return float(1.0 / (1 + np.sum(others >= np.max(scores[right]))))
