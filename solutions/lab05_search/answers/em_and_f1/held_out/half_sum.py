# mistake: the plain mean of precision and recall
from collections import Counter

def em_and_f1(predicted, answers):
    em, f1 = 0.0, 0.0
    p = normalized(predicted).split()
    for a in answers:
        t = normalized(a).split()
        if p == t:
            em = 1.0
        shared = (Counter(p) & Counter(t)).total()
        if shared:
            f1 = max(f1, 0.5 * shared / len(p) + 0.5 * shared / len(t))
    return em, f1
