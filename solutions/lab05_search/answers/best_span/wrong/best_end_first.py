# mistake: one of the two chosen first
def best_span(start, end, longest):
    last = 1 + int(np.argmax(end[1:]))
    first = max(range(max(1, last - longest + 1), last + 1), key=lambda i: start[i])
    return (first, last) if start[first] + end[last] > start[0] + end[0] else None
