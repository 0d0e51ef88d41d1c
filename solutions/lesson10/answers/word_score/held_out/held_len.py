# mistake: the length does not count
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    return math.log(1 + (N - n + 0.5) / (n + 0.5)) * (k1 + 1) * times / (k1 + times)
