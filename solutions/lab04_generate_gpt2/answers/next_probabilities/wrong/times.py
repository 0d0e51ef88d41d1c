# mistake: multiplied by the temperature
def next_probabilities(logits, temperature):
    z = logits * temperature
    z = z - z.max()
    return np.exp(z) / np.sum(np.exp(z))
