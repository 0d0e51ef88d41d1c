# mistake: divided by 0
from collections import Counter

def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        shared = (Counter(p) & Counter(t)).total()
        precision, recall = shared / len(p), shared / len(t)
        best = max(best, 2 * precision * recall / (precision + recall))
    return em, best
