# mistake: exponentials of the gaps
def next_probabilities(logits, temperature):
    best = max(logits)
    result = []
    for z in logits:
        gap = (z - best) / temperature
        result.append(math.exp(gap))
    return np.array(result)
