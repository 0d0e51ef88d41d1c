# mistake: the mean over the answers
from collections import Counter

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted).split())
    golds = [Counter(normalized(a).split()) for a in answers]
    em = np.mean([normalized(a) == normalized(predicted) for a in answers])
    f1 = np.mean([2 * (mine & g).total() / (mine.total() + g.total()) for g in golds])
    return em, f1
