# mistake: the mean over the answers
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, f1 = normalized(predicted).split(), [], []
    for a in answers:
        t = normalized(a).split()
        em.append(float(p == t))
        shared = (Counter(p) & Counter(t)).total()
        f1.append(2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return sum(em) / len(em), sum(f1) / len(f1)
