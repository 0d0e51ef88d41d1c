# mistake: the root of the temperature
def next_probabilities(logits, temperature):
    scale = temperature ** 0.5
    biggest = np.max(logits) / scale
    e = np.array([np.exp(z / scale - biggest) for z in logits])
    return e / np.sum(e)
