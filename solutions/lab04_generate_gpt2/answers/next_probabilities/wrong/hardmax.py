# mistake: all or nothing
import numpy as np

def next_probabilities(logits, temperature):
    return np.eye(len(logits))[np.argmax(logits)]
