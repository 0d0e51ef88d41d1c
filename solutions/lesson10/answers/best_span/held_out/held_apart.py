# mistake: both ends chosen separately
def best_span(start, end, longest):
    order = range(len(start))
    return max(order, key=lambda k: start[k]), max(order, key=lambda k: end[k])
