# mistake: (0, 0) in place of None
def best_span(start, end, longest):
    spans = [(start[i] + end[j], i, j) for i in range(1, len(start)) for j in range(i, min(i + longest, len(start)))]
    score, i, j = max(spans + [(start[0] + end[0], 0, 0)])
    return i, j
