# mistake: only the last answer
from collections import Counter

def em_and_f1(predicted, answers):
    p = normalized(predicted).split()
    for a in answers:
        t = normalized(a).split()
        em = float(p == t)
        shared = (Counter(p) & Counter(t)).total()
        f1 = 2 * shared / (len(p) + len(t)) if p or t else 1.0
    return em, f1
