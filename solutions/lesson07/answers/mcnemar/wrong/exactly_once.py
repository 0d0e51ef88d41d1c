# mistake: the probability of just this result
def mcnemar(first, second):
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    tosses, fewer = only_first + only_second, min(only_first, only_second)
    p = math.comb(tosses, fewer) / 2**tosses
    return only_first, only_second, min(1.0, p)
