# mistake: one of the two chosen first
def best_span(start, end, longest):
    i = int(np.argmax(start[1:])) + 1
    options = range(i, min(i + longest, len(end)))
    j = max(options, key=lambda t: end[t])
    return (i, j) if start[i] + end[j] > start[0] + end[0] else None
