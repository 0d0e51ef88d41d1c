# mistake: probabilities divided by the temperature
def next_probabilities(logits, temperature):
    e = np.exp(logits - max(logits))
    return e / e.sum() / temperature
