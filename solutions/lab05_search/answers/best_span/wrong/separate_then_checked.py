# mistake: start and end chosen separately
def best_span(start, end, longest):
    i, j = 1 + int(np.argmax(start[1:])), 1 + int(np.argmax(end[1:]))
    if j < i or j - i + 1 > longest or start[i] + end[j] <= start[0] + end[0]:
        return None
    return i, j
