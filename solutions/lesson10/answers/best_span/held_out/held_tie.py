# mistake: of equal spans the last
def best_span(start, end, longest):
    pairs = [(i, j) for i in range(len(start)) for j in range(i, len(end)) if j - i < longest]
    return max(reversed(pairs), key=lambda p: start[p[0]] + end[p[1]])
