# mistake: the minimum subtracted
import numpy as np

def softmax(scores):
    e = np.exp(scores - scores.min(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
