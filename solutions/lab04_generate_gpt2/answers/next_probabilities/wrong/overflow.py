# mistake: no maximum subtracted
def next_probabilities(logits, temperature):
    e = np.exp(logits / temperature)
    return e / np.sum(e)
