# mistake: scores below 0 are not seen
def best_span(start, end, longest):
    best, span = 0, None
    for first in range(len(start)):
        for last in range(first, min(first + longest, len(end))):
            if start[first] + end[last] > best:
                best, span = start[first] + end[last], (first, last)
    return span
