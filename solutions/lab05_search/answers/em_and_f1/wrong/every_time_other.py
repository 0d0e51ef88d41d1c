# mistake: repeated words shared too often
def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        shared = sum(w in p for w in t)
        best = max(best, 2 * shared / (len(p) + len(t)) if p or t else 1.0)
    return em, best
