# mistake: words as sets
def em_and_f1(predicted, answers):
    em, f1 = 0.0, 0.0
    mine = set(normalized(predicted).split())
    for answer in answers:
        theirs = set(normalized(answer).split())
        em = max(em, 1.0 if normalized(predicted) == normalized(answer) else 0.0)
        common = mine & theirs
        if common:
            precision, recall = len(common) / len(mine), len(common) / len(theirs)
            f1 = max(f1, 2 * precision * recall / (precision + recall))
    return em, f1
