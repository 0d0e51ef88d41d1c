# mistake: the length does not count
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    rare = math.log(1 + (N - n + 0.5) / (n + 0.5))
    return rare * times * (k1 + 1) / (times + k1)
