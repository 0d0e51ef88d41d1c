# mistake: compared with 0
def best_span(start, end, longest):
    spans = [(start[i] + end[j], i, j) for i in range(1, len(start)) for j in range(i, min(i + longest, len(start)))]
    score, i, j = max(spans)
    return (i, j) if score > 0 else None
