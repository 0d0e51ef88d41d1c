# mistake: one token is not allowed
def best_span(start, end, longest):
    best, span = -np.inf, None
    for first in range(len(start)):
        for last in range(first + 1, min(first + max(longest, 2), len(end))):
            if start[first] + end[last] > best:
                best, span = start[first] + end[last], (first, last)
    return span
