# mistake: a span of one token never tried
def best_span(start, end, longest):
    best, chosen = start[0] + end[0], None
    for i in range(1, len(start)):
        for j in range(1, len(start)):
            if i < j < i + longest and start[i] + end[j] > best:
                best = start[i] + end[j]
                chosen = (i, j)
    return chosen
