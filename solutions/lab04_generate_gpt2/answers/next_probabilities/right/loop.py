def next_probabilities(logits, temperature):
    top = max(logits)
    powers = [math.exp((z - top) / temperature) for z in logits]
    return [x / sum(powers) for x in powers]
