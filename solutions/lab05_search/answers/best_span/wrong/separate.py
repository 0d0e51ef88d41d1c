# mistake: start and end chosen separately
def best_span(start, end, longest):
    i, j = 1 + int(np.argmax(start[1:])), 1 + int(np.argmax(end[1:]))
    return (i, j) if start[i] + end[j] > start[0] + end[0] else None
