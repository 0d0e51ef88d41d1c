# mistake: not normalized
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = predicted.split(), 0.0, 0.0
    for a in answers:
        t = a.split()
        em = max(em, float(normalized(predicted) == normalized(a)))
        shared = (Counter(p) & Counter(t)).total()
        best = max(best, 2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return em, best
