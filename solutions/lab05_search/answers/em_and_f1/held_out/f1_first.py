# mistake: the two numbers the wrong way round
from collections import Counter

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted).split())
    golds = [Counter(normalized(a).split()) for a in answers]
    return max(2 * (mine & g).total() / (mine.total() + g.total()) for g in golds), max(float(normalized(a) == normalized(predicted)) for a in answers)
