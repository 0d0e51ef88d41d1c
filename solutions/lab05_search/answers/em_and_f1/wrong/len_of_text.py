# mistake: characters in place of words
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted), 0.0, 0.0
    for a in answers:
        t = normalized(a)
        em = max(em, float(p == t))
        shared = (Counter(p.split()) & Counter(t.split())).total()
        best = max(best, 2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return em, best
