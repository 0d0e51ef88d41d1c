# mistake: one of the two chosen first
def best_span(start, end, longest):
    i = 1 + int(np.argmax(start[1:]))
    j = i + int(np.argmax(end[i : i + longest]))
    return (i, j) if start[i] + end[j] > start[0] + end[0] else None
