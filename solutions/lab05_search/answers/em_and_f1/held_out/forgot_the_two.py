# mistake: shared words over all words
from collections import Counter

def em_and_f1(predicted, answers):
    em = f1 = 0.0
    mine = normalized(predicted).split()
    for a in answers:
        theirs = normalized(a).split()
        em = max(em, float(mine == theirs))
        s = sum((Counter(mine) & Counter(theirs)).values())
        if s:
            p, r = s / len(mine), s / len(theirs)
            f1 = max(f1, p * r / (p + r))
    return em, f1
