# mistake: one token too short
def best_span(start, end, longest):
    best, chosen = start[0] + end[0], None
    for i in range(1, len(start)):
        for j in range(i, len(start)):
            if j - i + 1 < longest and start[i] + end[j] > best:
                best, chosen = start[i] + end[j], (i, j)
    return chosen
