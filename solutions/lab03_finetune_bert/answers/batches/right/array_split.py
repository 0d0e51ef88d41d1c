import numpy as np

def batches(rows, size):
    return [part.tolist() for part in np.array_split(np.array(rows), range(size, len(rows), size))]
