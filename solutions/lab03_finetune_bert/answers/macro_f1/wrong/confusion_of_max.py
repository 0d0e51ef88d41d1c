# mistake: classes counted, not looked up
import numpy as np

def macro_f1(predictions, labels):
    n = max(labels) + 1
    table = np.zeros((n, max(n, max(predictions) + 1)))
    for p, y in zip(predictions, labels):
        table[y, p] += 1
    f = [2 * table[c, c] / max(1, table[c].sum() + table[:, c].sum()) for c in range(n)]
    return float(np.mean(f))
