def best_span(start, end, longest):
    pairs = [(i, j) for i in range(len(start)) for j in range(i, len(end)) if j - i < longest]
    return max(pairs, key=lambda pair: start[pair[0]] + end[pair[1]])
