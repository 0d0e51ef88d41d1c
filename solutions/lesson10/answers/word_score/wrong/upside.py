# mistake: common words count more
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    rare = math.log(1 + (n + 0.5) / (N - n + 0.5))
    slowed = k1 * (1 - b + b * length / average)
    return rare * times * (k1 + 1) / (times + slowed)
