# mistake: [CLS] in the span
def best_span(start, end, longest):
    n = len(start)
    score, first, last = max((start[i] + end[j], i, j) for i in range(n) for j in range(i, min(n, i + longest)))
    if score > start[0] + end[0]:
        return first, last
    return None
