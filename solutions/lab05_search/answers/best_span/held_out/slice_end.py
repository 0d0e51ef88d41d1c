# mistake: the end one beyond
def best_span(start, end, longest):
    spans = [(start[i] + end[j], i, j + 1) for i in range(1, len(start)) for j in range(i, min(i + longest, len(start)))]
    score, i, j = max(spans)
    return (i, j) if score > start[0] + end[0] else None
