# mistake: the logarithm of the probabilities
def next_probabilities(logits, temperature):
    z = logits / temperature
    m = z.max()
    return z - (m + np.log(np.sum(np.exp(z - m))))
