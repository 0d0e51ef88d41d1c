# mistake: one token too long
def best_span(start, end, longest):
    spans = [(start[i] + end[j], (i, j)) for i in range(1, len(start)) for j in range(i, len(end)) if j - i <= longest]
    score, span = max(spans)
    return span if score > start[0] + end[0] else None
