# mistake: only the first answer
from collections import Counter

def em_and_f1(predicted, answers):
    for a in answers:
        mine, gold = Counter(normalized(predicted).split()), Counter(normalized(a).split())
        em = 1.0 if normalized(predicted) == normalized(a) else 0.0
        return em, 2 * (mine & gold).total() / (mine.total() + gold.total())
