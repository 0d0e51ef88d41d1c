# mistake: words as sets
def em_and_f1(predicted, answers):
    p = normalized(predicted).split()
    em = max(float(normalized(predicted) == normalized(a)) for a in answers)
    f1 = 0
    for a in answers:
        g = normalized(a).split()
        inter = len(set(p).intersection(g))
        if inter:
            pr, re_ = inter / len(p), inter / len(g)
            f1 = max(f1, 2 * pr * re_ / (pr + re_))
    return em, f1
