# mistake: all or nothing
def next_probabilities(logits, temperature):
    scaled = logits / temperature
    winners = (scaled >= np.max(scaled)).astype(float)
    return winners / winners.sum()
