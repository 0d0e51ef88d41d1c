# mistake: the mean subtracted
def next_probabilities(logits, temperature):
    finite = [z for z in logits if z > -np.inf]
    centre = sum(finite) / len(finite)
    e = np.exp((logits - centre) / temperature)
    return e / e.sum()
