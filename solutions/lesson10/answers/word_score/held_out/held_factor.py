# mistake: without k1 + 1
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    tf = times / (times + k1 * ((1 - b) + b * length / average))
    return math.log1p((N - n + 0.5) / (n + 0.5)) * tf
