# mistake: no exponential
def next_probabilities(logits, temperature):
    scaled = [z / temperature for z in logits]
    total = 0.0
    for z in scaled:
        total += z
    return np.array([z / total for z in scaled])
