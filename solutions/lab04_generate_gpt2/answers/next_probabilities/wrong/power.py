# mistake: multiplied by the temperature
def next_probabilities(logits, temperature):
    p = np.exp(logits - logits.max())
    p = p / p.sum()
    p = p ** temperature
    return p / p.sum()
