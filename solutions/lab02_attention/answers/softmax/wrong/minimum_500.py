# mistake: the scores clipped
import numpy as np

def softmax(scores):
    safe = np.where(scores > 500, 500.0, scores)
    safe = np.where(safe < -500, -500.0, safe)
    return np.exp(safe) / np.exp(safe).sum(-1, keepdims=True)
