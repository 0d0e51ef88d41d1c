# mistake: how rare a word is does not count
import math


def word_score(times, length, average, n, N, k1=1.5, b=0.75):
    slowed = k1 * (1 - b + b * length / average)
    return times * (k1 + 1) / (times + slowed)
