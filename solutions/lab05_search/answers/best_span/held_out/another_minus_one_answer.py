# mistake: (0, 0) in place of None
def best_span(start, end, longest):
    best, first, last = start[0] + end[0], 0, 0
    for i in range(1, len(start)):
        for j in range(i, min(len(end), i + longest)):
            if start[i] + end[j] > best:
                best, first, last = start[i] + end[j], i, j
    return first, last
