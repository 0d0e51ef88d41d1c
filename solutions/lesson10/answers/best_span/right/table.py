import numpy as np


def best_span(start, end, longest):
    scores = start[:, None] + end[None, :]
    length = np.arange(len(end))[None, :] - np.arange(len(start))[:, None] + 1
    scores = np.where((length >= 1) & (length <= longest), scores, -np.inf)
    first, last = np.unravel_index(scores.argmax(), scores.shape)
    return int(first), int(last)
