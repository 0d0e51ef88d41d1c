# mistake: a part counted as an exact match
from collections import Counter

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted).split())
    em = float(any(normalized(a) in normalized(predicted) for a in answers))
    f1s = [2 * (mine & g).total() / (mine.total() + g.total()) for g in (Counter(normalized(a).split()) for a in answers)]
    return em, max(f1s)
