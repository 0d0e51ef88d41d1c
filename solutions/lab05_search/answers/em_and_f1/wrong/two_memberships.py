# mistake: repeated words shared too often
def em_and_f1(predicted, answers):
    p, em, best = normalized(predicted).split(), 0.0, 0.0
    for a in answers:
        t = normalized(a).split()
        em = max(em, float(p == t))
        if not p or not t:
            best = max(best, float(p == t))
            continue
        precision, recall = sum(w in t for w in p) / len(p), sum(w in p for w in t) / len(t)
        best = max(best, 2 * precision * recall / (precision + recall) if precision else 0.0)
    return em, best
