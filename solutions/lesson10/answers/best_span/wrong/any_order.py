# mistake: the end may come first
def best_span(start, end, longest):
    best, span = -np.inf, None
    for first in range(len(start)):
        for last in range(len(end)):
            if abs(last - first) < longest and start[first] + end[last] > best:
                best, span = start[first] + end[last], (first, last)
    return span
