# mistake: start and end chosen separately
def best_span(start, end, longest):
    n = len(start)
    first = max(range(1, n), key=lambda i: start[i])
    last = max(range(1, n), key=lambda j: end[j])
    ok = first <= last < first + longest and start[first] + end[last] > start[0] + end[0]
    return (first, last) if ok else None
