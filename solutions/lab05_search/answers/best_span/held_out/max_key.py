# mistake: no answer never given
def best_span(start, end, longest):
    spans = [(i, j) for i in range(1, len(start)) for j in range(i, min(i + longest, len(start)))]
    return max(spans, key=lambda s: start[s[0]] + end[s[1]])
