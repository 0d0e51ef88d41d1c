# mistake: start and end chosen separately
def best_span(start, end, longest):
    last = 1 + int(np.argmax(end[1:]))
    first = 1 + int(np.argmax(start[1:]))
    if start[first] + end[last] < start[0] + end[0]:
        return None
    return (first, last)
