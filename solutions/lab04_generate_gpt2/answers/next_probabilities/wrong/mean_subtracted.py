# mistake: the mean subtracted
import numpy as np

def next_probabilities(logits, temperature):
    z = logits / temperature
    e = np.exp(z - z.mean())
    return e / e.sum()
