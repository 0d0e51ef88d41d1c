# mistake: not normalized
from collections import Counter

def em_and_f1(predicted, answers):
    em = 1.0 if predicted in answers else 0.0
    mine = Counter(normalized(predicted).split())
    f1s = []
    for a in answers:
        gold = Counter(normalized(a).split())
        f1s.append(2 * (mine & gold).total() / (mine.total() + gold.total()))
    return em, max(f1s)
