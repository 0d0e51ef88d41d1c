# mistake: shared words over all words
from collections import Counter

def em_and_f1(predicted, answers):
    em = f1 = 0.0
    mine = Counter(normalized(predicted).split())
    for a in answers:
        theirs = Counter(normalized(a).split())
        em = max(em, float(normalized(predicted) == normalized(a)))
        f1 = max(f1, (mine & theirs).total() / (mine | theirs).total())
    return em, f1
