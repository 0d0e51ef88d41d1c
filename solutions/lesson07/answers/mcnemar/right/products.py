def mcnemar(first, second):
    b = sum(1 for x, y in zip(first, second) if x and not y)
    c = sum(1 for x, y in zip(first, second) if y and not x)
    p = sum(math.comb(b + c, k) * 0.5 ** (b + c) for k in range(b + c + 1) if abs(2 * k - b - c) >= abs(b - c))
    return b, c, p
