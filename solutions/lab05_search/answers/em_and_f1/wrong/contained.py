# mistake: a part counted as an exact match
from collections import Counter

def em_and_f1(predicted, answers):
    n, em, best = normalized(predicted), 0.0, 0.0
    for a in answers:
        t = normalized(a)
        em = max(em, float(n in t))
        shared = (Counter(n.split()) & Counter(t.split())).total()
        best = max(best, 2 * shared / (len(n.split()) + len(t.split())) if n or t else 1.0)
    return em, best
