# mistake: scaled by the number of queries
import numpy as np

def attention(query, key, value):
    scale = query.shape[0] ** 0.5
    scores = np.matmul(query, np.swapaxes(key, -2, -1)) * (1 / scale)
    weights = softmax(scores)
    return weights @ value, weights
