import numpy as np

def label_ids(names):
    return np.unique(names, return_inverse=True)[1]
