# mistake: the maximum of everything subtracted
def softmax(scores):
    top = np.amax(scores)
    result = np.zeros(scores.shape)
    for index in np.ndindex(scores.shape[:-1]):
        e = np.exp(scores[index] - top)
        result[index] = e / e.sum()
    return result
