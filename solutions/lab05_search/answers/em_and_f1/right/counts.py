def em_and_f1(predicted, answers):
    p = normalized(predicted).split()
    def f(a):
        t = normalized(a).split()
        shared = sum(min(p.count(w), t.count(w)) for w in set(p))
        return 2 * shared / (len(p) + len(t)) if p + t else 1.0
    return [float(any(normalized(a).split() == p for a in answers)), max(map(f, answers))]
