# mistake: only start[0] compared
def best_span(start, end, longest):
    best, chosen = -np.inf, None
    for i in range(1, len(start)):
        for j in range(i, min(i + longest, len(start))):
            if start[i] + end[j] > best:
                best, chosen = start[i] + end[j], (i, j)
    return chosen if start[chosen[0]] > start[0] else None
