# mistake: the temperature has no effect
def next_probabilities(logits, temperature):
    top = max(logits)
    weights = [math.exp(z - top) / temperature for z in logits]
    total = sum(weights)
    return np.array([w / total for w in weights])
