# mistake: the mask used as indices
import numpy as np

def masked_mean(vectors, attention_mask):
    rows = range(len(vectors))
    return np.stack([vectors[i, attention_mask[i]].sum(0) / attention_mask.shape[1] for i in rows])
