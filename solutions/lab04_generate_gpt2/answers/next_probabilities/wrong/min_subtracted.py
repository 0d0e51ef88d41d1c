# mistake: the minimum subtracted
import numpy as np

def next_probabilities(logits, temperature):
    z = (logits - np.min(logits)) / temperature
    e = np.exp(z)
    return e / e.sum()
