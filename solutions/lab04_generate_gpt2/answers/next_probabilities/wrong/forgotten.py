# mistake: the temperature has no effect
def next_probabilities(logits, temperature):
    e = np.exp(logits - np.max(logits))
    return e / e.sum()
