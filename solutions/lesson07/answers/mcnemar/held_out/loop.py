# mistake: one-sided
def mcnemar(first, second):
    a, b = int(np.sum(first & ~second)), int(np.sum(~first & second))
    p = 0
    for k in range(min(a, b) + 1):
        p += math.comb(a + b, k) * 0.5 ** (a + b)
    return a, b, p
