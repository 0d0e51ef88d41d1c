# mistake: the larger end
def mcnemar(first, second):
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    tosses, fewer = only_first + only_second, max(only_first, only_second)
    p = 2 * sum(math.comb(tosses, k) for k in range(fewer + 1)) / 2**tosses
    return only_first, only_second, min(1.0, p)
