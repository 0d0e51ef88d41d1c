import numpy as np

def best_span(start, end, longest):
    n = len(start)
    scores = start[:, None] + end[None, :]
    length = np.arange(n)[None, :] - np.arange(n)[:, None] + 1
    allowed = (length >= 1) & (length <= longest)
    allowed[0] = False
    scores = np.where(allowed, scores, -np.inf)
    i, j = np.unravel_index(scores.argmax(), scores.shape)
    return (int(i), int(j)) if scores[i, j] > start[0] + end[0] else None
