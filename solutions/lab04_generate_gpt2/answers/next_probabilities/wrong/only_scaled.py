# mistake: the logits returned
def next_probabilities(logits, temperature):
    return logits / temperature
