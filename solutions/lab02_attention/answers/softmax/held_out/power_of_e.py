# mistake: no maximum subtracted
def softmax(scores):
    powers = np.power(np.e, scores)
    totals = np.einsum("...k->...", powers)
    return powers / totals[..., np.newaxis]
