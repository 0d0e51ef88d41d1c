def best_span(start, end, longest):
    best = (start[0] + end[0], None)
    for length in range(1, longest + 1):
        for first in range(1, len(start) - length + 1):
            last = first + length - 1
            if start[first] + end[last] > best[0]:
                best = (start[first] + end[last], [first, last])
    return best[1]
