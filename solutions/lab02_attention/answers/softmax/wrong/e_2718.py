# mistake: too little precision
import numpy as np

def softmax(scores):
    e = 2.718 ** (scores - scores.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
