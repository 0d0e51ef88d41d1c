# mistake: a softmax of probabilities
def normalized(z):
    e = np.exp(z - z.max())
    return e / e.sum()


def next_probabilities(logits, temperature):
    probs = normalized(logits)
    return normalized(probs / temperature)
