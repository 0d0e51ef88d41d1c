import numpy as np


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    return np.log1p((N - n + 0.5) / (n + 0.5)) * (k1 + 1) * times / (times + k1 * ((1 - b) + b * (length / average)))
