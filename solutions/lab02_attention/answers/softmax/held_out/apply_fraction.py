# mistake: no exponential
def _share(row):
    total = 0.0
    for s in row:
        total += s
    return row / total


def softmax(scores):
    return np.apply_along_axis(_share, -1, scores)
