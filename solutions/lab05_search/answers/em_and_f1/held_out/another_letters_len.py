# mistake: characters in place of words
from collections import Counter

def em_and_f1(predicted, answers):
    p = normalized(predicted)
    em, f = 0.0, 0.0
    for a in answers:
        g = normalized(a)
        em = max(em, 1.0 * (p == g))
        c = sum((Counter(p) & Counter(g)).values())
        f = max(f, 2 * c / (len(p) + len(g)))
    return em, f
