# mistake: exponentials of the gaps
def next_probabilities(logits, temperature):
    z = logits / temperature
    return np.exp(z - z.max())
