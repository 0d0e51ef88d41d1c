# mistake: the minimum subtracted
import numpy as np

def softmax(scores):
    lowest = np.sort(scores, axis=-1)[..., :1]
    e = np.e ** (scores - lowest)
    return e / np.sum(e, axis=-1, keepdims=True)
