# mistake: `return` inside the loop
import numpy as np

def descend(batches, rate):
    w = 0.0
    for xs, ys in batches:
        xs, ys = np.array(xs), np.array(ys)
        w = w - rate * np.mean(2 * xs * (w * xs - ys))
        return float(w)
