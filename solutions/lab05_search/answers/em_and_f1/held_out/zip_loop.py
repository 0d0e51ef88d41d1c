# mistake: words compared place by place
def em_and_f1(predicted, answers):
    em, f1 = 0.0, 0.0
    mine = normalized(predicted).split()
    for answer in answers:
        theirs = normalized(answer).split()
        s = 0
        for i in range(min(len(mine), len(theirs))):
            if mine[i] == theirs[i]:
                s += 1
        em = max(em, 1.0 if mine == theirs else 0.0)
        f1 = max(f1, 2 * s / (len(mine) + len(theirs)))
    return em, f1
