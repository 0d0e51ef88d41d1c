# mistake: the last token never reached
def best_span(start, end, longest):
    n = len(start) - 1
    spans = [(start[i] + end[j], i, j) for i in range(1, n) for j in range(i, min(i + longest, n))]
    score, i, j = max(spans)
    return (i, j) if score > start[0] + end[0] else None
