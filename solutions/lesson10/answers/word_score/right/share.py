import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    if times == 0:
        return 0.0
    relative = length / average
    return math.log((N + 1) / (n + 0.5)) * (k1 + 1) / (1 + k1 * (1 + b * (relative - 1)) / times)
