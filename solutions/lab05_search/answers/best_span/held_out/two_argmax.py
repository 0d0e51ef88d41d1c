# mistake: start and end chosen separately
def best_span(start, end, longest):
    s, e = start.copy(), end.copy()
    s[0] = e[0] = -np.inf
    first, last = int(s.argmax()), int(e.argmax())
    if s[first] + e[last] <= start[0] + end[0]:
        return None
    return first, last
