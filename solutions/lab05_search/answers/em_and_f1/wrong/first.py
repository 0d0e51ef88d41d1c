# mistake: only the first answer
from collections import Counter

def em_and_f1(predicted, answers):
    p, t = normalized(predicted).split(), normalized(answers[0]).split()
    shared = (Counter(p) & Counter(t)).total()
    return float(p == t), 2 * shared / (len(p) + len(t)) if p or t else 1.0
