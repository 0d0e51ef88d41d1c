import numpy as np

def best_span(start, end, longest):
    best, span = float(start[0] + end[0]), None
    for i in range(1, len(start)):
        j = i + int(np.argmax(end[i : i + longest]))
        if start[i] + end[j] > best:
            best, span = float(start[i] + end[j]), (i, j)
    return span
