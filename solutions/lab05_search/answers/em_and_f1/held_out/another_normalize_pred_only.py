# mistake: not normalized
from collections import Counter

def em_and_f1(predicted, answers):
    p = normalized(predicted)
    em = 1.0 if p in answers else 0.0
    f = []
    for a in answers:
        c = (Counter(p.split()) & Counter(a.split())).total()
        n = len(p.split()) + len(a.split())
        f.append(2 * c / n)
    return em, max(f)
