# mistake: the last token never reached
def best_span(start, end, longest):
    best, chosen = start[0] + end[0], None
    for i in range(1, len(start) - 1):
        for j in range(i, min(i + longest, len(start) - 1)):
            if start[i] + end[j] > best:
                best, chosen = start[i] + end[j], (i, j)
    return chosen
