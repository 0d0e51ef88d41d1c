from collections import Counter
import numpy as np

def em_and_f1(predicted, answers):
    mine = Counter(normalized(predicted).split())
    rows = []
    for a in answers:
        gold = Counter(normalized(a).split())
        rows.append((normalized(a) == normalized(predicted), 2 * (mine & gold).total() / max(mine.total() + gold.total(), 1e-9) if mine or gold else 1))
    return np.array(rows, dtype=float).max(axis=0)
