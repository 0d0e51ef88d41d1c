# mistake: not normalized
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = predicted.lower().split(), 0.0, 0.0
    for a in answers:
        t = a.lower().split()
        em = max(em, float(p == t))
        shared = (Counter(p) & Counter(t)).total()
        best = max(best, 2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return em, best
