# mistake: all or nothing
import numpy as np

def softmax(scores):
    best = np.max(scores, axis=-1, keepdims=True)
    return np.where(scores < best, 0.0, 1.0)
