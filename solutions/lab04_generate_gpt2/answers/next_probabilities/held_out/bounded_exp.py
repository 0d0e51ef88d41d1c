# mistake: the logits clipped
def bounded_exp(x):
    return math.exp(max(-600.0, min(600.0, x)))


def next_probabilities(logits, temperature):
    e = [bounded_exp(z / temperature) for z in logits]
    total = sum(e)
    return np.array(e) / total
