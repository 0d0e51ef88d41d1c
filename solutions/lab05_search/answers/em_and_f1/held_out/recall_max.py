# mistake: recall in place of F1
from collections import Counter

def em_and_f1(predicted, answers):
    def recall(a):
        gold = Counter(normalized(a).split())
        return (gold & Counter(normalized(predicted).split())).total() / gold.total()
    return max(float(normalized(predicted) == normalized(a)) for a in answers), max(map(recall, answers))
