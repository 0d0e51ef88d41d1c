def best_span(start, end, longest):
    best, span = -np.inf, None
    for first in range(len(start)):
        for last in range(first, min(first + longest, len(end))):
            if start[first] + end[last] > best:
                best, span = start[first] + end[last], (first, last)
    return span
