# mistake: no maximum subtracted
def next_probabilities(logits, temperature):
    powers = np.power(np.e, logits / temperature)
    denominator = np.sum(powers)
    return np.divide(powers, denominator)
