# mistake: the logarithm of the probabilities
def next_probabilities(logits, temperature):
    s = logits / temperature
    s = s - s.max()
    return s - np.log(np.exp(s).sum())
