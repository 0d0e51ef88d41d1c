# mistake: one of the two chosen first
def best_span(start, end, longest):
    first = max(range(1, len(start)), key=lambda i: start[i])
    last = first
    for j in range(first, min(len(end), first + longest)):
        if end[j] > end[last]:
            last = j
    if start[first] + end[last] > start[0] + end[0]:
        return first, last
    return None
