# mistake: padding taken to be on the right
import numpy as np

def masks(attention_mask):
    out = []
    for row in attention_mask:
        length = int(np.count_nonzero(row))
        out.append([[k <= q and k < length for k in range(len(row))] for q in range(len(row))])
    return np.array(out)
