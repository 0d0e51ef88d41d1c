# mistake: the logits returned
def next_probabilities(logits, temperature):
    probs = np.zeros(len(logits))
    for j in range(len(logits)):
        probs[j] = logits[j] / temperature
    return probs
