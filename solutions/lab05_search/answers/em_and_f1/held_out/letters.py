# mistake: characters in place of words
from collections import Counter

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted))
    golds = [Counter(normalized(a)) for a in answers]
    return max(float(normalized(a) == normalized(predicted)) for a in answers), max(2 * (mine & g).total() / (mine.total() + g.total()) for g in golds)
