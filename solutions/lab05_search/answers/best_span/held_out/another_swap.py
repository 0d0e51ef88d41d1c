# mistake: the end before the start
def best_span(start, end, longest):
    best, span = start[0] + end[0], None
    for last in range(1, len(end)):
        for first in range(1, len(start)):
            if last - first < longest and start[first] + end[last] > best:
                best, span = start[first] + end[last], (first, last)
    return span
