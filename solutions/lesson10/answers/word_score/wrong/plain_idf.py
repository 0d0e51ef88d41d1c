# mistake: the logarithm of N / n
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    rare = math.log(N / n)
    slowed = k1 * (1 - b + b * length / average)
    return rare * times * (k1 + 1) / (times + slowed)
