# mistake: recall in place of F1
from collections import Counter

def em_and_f1(predicted, answers):
    p = Counter(normalized(predicted).split())
    em, best = 0.0, 0.0
    for a in answers:
        g = Counter(normalized(a).split())
        em = max(em, float(normalized(a) == normalized(predicted)))
        best = max(best, sum(min(p[w], g[w]) for w in g) / sum(g.values()))
    return em, best
