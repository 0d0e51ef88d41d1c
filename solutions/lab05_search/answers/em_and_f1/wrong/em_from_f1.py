# mistake: the order of the words ignored in the exact match
from collections import Counter

def em_and_f1(predicted, answers):
    p, best = normalized(predicted).split(), 0.0
    for a in answers:
        t = normalized(a).split()
        shared = (Counter(p) & Counter(t)).total()
        best = max(best, 2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return float(best == 1), best
