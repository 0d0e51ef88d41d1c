# mistake: shared words over all words
def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        best = max(best, len(set(p) & set(t)) / len(set(p) | set(t)) if p or t else 1.0)
    return em, best
