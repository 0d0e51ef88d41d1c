# mistake: the answers joined
from collections import Counter

def em_and_f1(predicted, answers):
    mine, gold = Counter(normalized(predicted).split()), Counter()
    for a in answers:
        gold += Counter(normalized(a).split())
    em = max(float(normalized(a) == normalized(predicted)) for a in answers)
    return em, 2 * (mine & gold).total() / (mine.total() + gold.total())
