# mistake: only start[0] compared
def best_span(start, end, longest):
    best, span = -1e9, None
    for i in range(1, len(start)):
        for j in range(i, min(len(end), i + longest)):
            if start[i] + end[j] > best:
                best, span = start[i] + end[j], (i, j)
    if start[0] > best:
        return None
    return span
