# mistake: scaled by d_v
import numpy as np

def attention(query, key, value):
    width = value[..., 0, :].shape[-1]
    scores = np.einsum('...qd,...kd->...qk', query, key) * width ** -0.5
    weights = softmax(scores)
    return weights @ value, weights
