# mistake: shared words over all words
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        shared = (Counter(p) & Counter(t)).total()
        best = max(best, shared / (len(p) + len(t) - shared) if p or t else 1.0)
    return em, best
