# mistake: beyond the last token
def best_span(start, end, longest):
    score, span = float(start[0] + end[0]), None
    for first in range(1, len(start)):
        for more in range(longest):
            s = start[first] + end[first + more]
            if s > score:
                score, span = s, (first, first + more)
    return span
