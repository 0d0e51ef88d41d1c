# mistake: precision in place of F1
from collections import Counter

def em_and_f1(predicted, answers):
    p = normalized(predicted).split()
    em = float(any(normalized(a).split() == p for a in answers))
    f1 = max(sum((Counter(p) & Counter(normalized(a).split())).values()) / len(p) for a in answers)
    return em, f1
