# mistake: only the last answer
def em_and_f1(predicted, answers):
    em, f1 = 0.0, 0.0
    for answer in answers:
        gold, mine = normalized(answer).split(), normalized(predicted).split()
        em = 1.0 if gold == mine else 0.0
        s = sum(min(gold.count(w), mine.count(w)) for w in set(mine))
        f1 = 2 * s / (len(gold) + len(mine))
    return em, f1
