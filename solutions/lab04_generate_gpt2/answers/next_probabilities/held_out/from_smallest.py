# mistake: the minimum subtracted
def next_probabilities(logits, temperature):
    x = logits / temperature
    smallest = np.sort(x[x != -np.inf])[0]
    x = np.exp(x - smallest)
    return x / x.sum()
