# mistake: only the first answer
from collections import Counter

def em_and_f1(predicted, answers):
    a = answers[0]
    p, g = normalized(predicted).split(), normalized(a).split()
    c = sum((Counter(p) & Counter(g)).values())
    f = 0.0 if c == 0 else 2 * c / (len(p) + len(g))
    return float(p == g), f
