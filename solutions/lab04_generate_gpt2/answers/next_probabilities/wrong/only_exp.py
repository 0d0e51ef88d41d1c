# mistake: not divided by the sum
def next_probabilities(logits, temperature):
    return np.exp(logits / temperature)
