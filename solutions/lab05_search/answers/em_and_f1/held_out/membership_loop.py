# mistake: repeated words shared too often
def em_and_f1(predicted, answers):
    em, f1 = 0.0, 0.0
    words = normalized(predicted).split()
    for answer in answers:
        gold = normalized(answer).split()
        common = [w for w in words if w in gold]
        if normalized(answer) == normalized(predicted):
            em = 1.0
        if len(common):
            p = len(common) / len(words)
            r = len(common) / len(gold)
            f1 = max(f1, 2 * p * r / (p + r))
    return em, f1
