# mistake: without k1 + 1
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    rare = math.log(1 + (N - n + 0.5) / (n + 0.5))
    slowed = k1 * (1 - b + b * length / average)
    return rare * times / (times + slowed)
