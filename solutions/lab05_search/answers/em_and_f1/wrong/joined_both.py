# mistake: the answers joined
from collections import Counter

def em_and_f1(predicted, answers):
    p, t = normalized(predicted).split(), normalized(" ".join(answers)).split()
    shared = (Counter(p) & Counter(t)).total()
    return float(t == p), 2 * shared / (len(p) + len(t)) if p or t else 1.0
