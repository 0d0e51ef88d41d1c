# mistake: divided by 0
from collections import Counter

def em_and_f1(predicted, answers):
    ems, f1s = [], []
    for a in answers:
        gold = Counter(normalized(a).split())
        mine = Counter(normalized(predicted).split())
        s = sum((gold & mine).values())
        p = s / sum(mine.values())
        r = s / sum(gold.values())
        f1s.append(2 * p * r / (p + r))
        ems.append(float(gold == mine))
    return max(ems), max(f1s)
