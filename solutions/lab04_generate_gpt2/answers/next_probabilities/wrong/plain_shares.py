# mistake: no exponential
def next_probabilities(logits, temperature):
    scaled = logits / temperature
    return scaled / scaled.sum()
