# mistake: a softmax of probabilities
def next_probabilities(logits, temperature):
    e = np.exp(logits - np.max(logits))
    p = e / e.sum() / temperature
    e = np.exp(p - p.max())
    return e / e.sum()
