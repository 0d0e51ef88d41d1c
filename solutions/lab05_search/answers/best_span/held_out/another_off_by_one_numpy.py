# mistake: one token too long
def best_span(start, end, longest):
    best, span = start[0] + end[0], None
    for i in range(1, len(start)):
        window = end[i : i + longest + 1]
        j = i + int(window.argmax())
        if start[i] + end[j] > best:
            best, span = start[i] + end[j], (i, j)
    return span
