# mistake: the mean over the answers
from collections import Counter

def em_and_f1(predicted, answers):
    em, f1 = 0, 0
    p = Counter(normalized(predicted).split())
    for a in answers:
        g = Counter(normalized(a).split())
        em += normalized(predicted) == normalized(a)
        f1 += 2 * (p & g).total() / (p.total() + g.total())
    return em / len(answers), f1 / len(answers)
