def next_probabilities(logits, temperature):
    z = np.asarray(logits) / temperature
    total = np.logaddexp.reduce(z)
    return np.exp(z - total)
