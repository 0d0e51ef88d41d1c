# mistake: the root of the temperature
def next_probabilities(logits, temperature):
    z = logits / math.sqrt(temperature)
    e = np.exp(z - z.max())
    return e / e.sum()
