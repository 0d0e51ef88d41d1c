# mistake: precision in place of F1
from collections import Counter

def em_and_f1(predicted, answers):
    ems, f1s = [], []
    for answer in answers:
        gold = Counter(normalized(answer).split())
        mine = Counter(normalized(predicted).split())
        ems.append(1.0 if normalized(answer) == normalized(predicted) else 0.0)
        f1s.append((gold & mine).total() / max(1, mine.total()))
    return max(ems), max(f1s)
