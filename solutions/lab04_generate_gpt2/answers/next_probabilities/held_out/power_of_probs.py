# mistake: multiplied by the temperature
def next_probabilities(logits, temperature):
    p = np.exp(logits - np.max(logits))
    p = p / p.sum()
    q = p ** temperature
    return q / q.sum()
