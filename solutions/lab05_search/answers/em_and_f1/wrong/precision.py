# mistake: precision in place of F1
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        shared = sum((Counter(p) & Counter(t)).values())
        best = max(best, shared / len(p) if p else 0.0)
    return em, best
