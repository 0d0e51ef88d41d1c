# mistake: the length has no limit
def best_span(start, end, longest):
    pairs = [(i, j) for i in range(len(start)) for j in range(i, len(end))]
    return max(pairs, key=lambda p: start[p[0]] + end[p[1]])
