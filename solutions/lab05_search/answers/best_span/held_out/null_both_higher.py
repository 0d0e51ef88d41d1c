# mistake: both logits of [CLS] must be highest
def best_span(start, end, longest):
    spans = [(start[i] + end[j], i, j) for i in range(1, len(start)) for j in range(i, min(i + longest, len(start)))]
    score, i, j = max(spans)
    if start[0] > start[1:].max() and end[0] > end[1:].max():
        return None
    return i, j
