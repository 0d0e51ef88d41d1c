# mistake: probabilities divided by the temperature
def next_probabilities(logits, temperature):
    highest = logits.max()
    e = np.exp(logits - highest)
    denominator = temperature * np.sum(e)
    return e / denominator
