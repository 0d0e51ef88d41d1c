# mistake: the order of the words ignored in the exact match
from collections import Counter

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted).split())
    em, f1 = 0.0, 0.0
    for a in answers:
        gold = Counter(normalized(a).split())
        if mine == gold:
            em = 1.0
        f1 = max(f1, 2 * sum((mine & gold).values()) / (sum(mine.values()) + sum(gold.values())))
    return em, f1
