# mistake: logits multiplied
def best_span(start, end, longest):
    best, chosen = start[0] * end[0], None
    for i in range(1, len(start)):
        for j in range(i, min(i + longest, len(start))):
            if start[i] * end[j] > best:
                best, chosen = start[i] * end[j], (i, j)
    return chosen
